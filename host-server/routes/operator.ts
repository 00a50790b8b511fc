import type { FastifyPluginAsync } from 'fastify'
import { InstanceDetail, InstanceList, InstanceView, Refusal } from '../../contract/operator-view.ts'
import { ROUTES } from '../../contract/routes.ts'
import type { Door } from '../doors.ts'
import type { Parts } from '../parts.ts'
import { Refused } from '../refused.ts'
import type { Sightings } from '../sightings.ts'
import type { InstanceRecord } from '../store/store.ts'

/** "Lately": what was refused longer ago has been mended or given up. */
const REFUSED_SHOWN_MS = 86_400_000

/** Where every guest stands. */
export function operatorRoutes(door: Door, { store, offer, clock, followers }: Parts, sightings: Sightings): FastifyPluginAsync {
  function view(record: InstanceRecord): InstanceView {
    const { instance, name, enrolled, expires, latest, since, held, host_keys } = record
    const seen = sightings.latest(instance, { at: record.last_seen, address: record.address })
    return {
      instance,
      ...(name === undefined ? {} : { name }),
      enrolled,
      credential_expires: expires,
      last_seen: seen.at,
      address: seen.address,
      ...(latest === undefined ? {} : { latest }),
      ...(since === undefined ? {} : { since }),
      served_revision: offer().manifest.revision,
      ...(followers?.follows(instance) ? { follows: true } : {}),
      ...(held === undefined ? {} : { held }),
      ...(host_keys === undefined ? {} : { host_keys: [...host_keys] }),
    }
  }

  return async (app) => {
    app.addHook('onRequest', door)
    app.addHook('onSend', async (_request, reply) => void reply.header('cache-control', 'no-store'))

    app.get(
      ROUTES.instances,
      { schema: { summary: 'All enrolled instances, and enrolments that were refused lately', response: { 200: InstanceList, '4xx': Refusal } } },
      async (): Promise<InstanceList> => {
        const now = clock()
        const since = new Date(now.getTime() - REFUSED_SHOWN_MS).toISOString()
        const openUntil = store.approvals.openUntil(now)
        return {
          instances: store.instances.list().map(view),
          waiting: store.approvals.waiting().filter(({ at }) => at >= since),
          ...(openUntil === undefined ? {} : { open_until: openUntil }),
          refused: store.refusals.list().filter(({ at }) => at >= since),
        }
      },
    )

    app.get<{ Params: { instance: string } }>(
      ROUTES.instance,
      { schema: { summary: 'One instance with its reports', response: { 200: InstanceDetail, '4xx': Refusal } } },
      async ({ params }): Promise<InstanceDetail> => {
        const record = store.instances.get(params.instance)
        if (!record) throw new Refused(404, 'NOT_FOUND', 'no such instance is enrolled')
        const served = sightings.served(params.instance)
        return { ...view(record), reports: store.reports.list(params.instance), ...(served.length === 0 ? {} : { served }) }
      },
    )
  }
}
