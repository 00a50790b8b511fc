import type { FastifyPluginAsync } from 'fastify'
import { Refreshed, Refusal } from '../../contract/operator-view.ts'
import { ROUTES } from '../../contract/routes.ts'
import { Type } from 'typebox'
import type { Door } from '../doors.ts'
import type { Parts } from '../parts.ts'
import { Refused } from '../refused.ts'

/** What an operator does to guests that follow the tree. */
export function followRoutes(door: Door, { store, clock, followers, reread, offer }: Parts): FastifyPluginAsync {
  return async (app) => {
    app.addHook('onRequest', door)
    app.addHook('onSend', async (_request, reply) => void reply.header('cache-control', 'no-store'))
    const known = (instance: string): void => {
      if (!store.instances.get(instance)) throw new Refused(404, 'NOT_FOUND', 'no such instance is enrolled')
    }

    app.post(
      ROUTES.refreshAll,
      { schema: { summary: 'Read the tree again, and have every guest that follows fetch anew', response: { 200: Refreshed, '4xx': Refusal } } },
      async (): Promise<Refreshed> => {
        await reread?.()
        const refreshed = (followers?.all() ?? []).filter((instance) => !store.instances.isHeld(instance) && followers!.refresh(instance))
        return { revision: offer().manifest.revision, refreshed }
      },
    )

    app.post<{ Params: { instance: string } }>(
      ROUTES.refresh,
      { schema: { summary: 'Read the tree again, and have this guest fetch anew', response: { 200: Refreshed, '4xx': Refusal } } },
      async ({ params: { instance } }): Promise<Refreshed> => {
        known(instance)
        if (store.instances.isHeld(instance)) throw new Refused(409, 'HELD', 'the instance is held; trovestrap release lets it go on')
        if (!followers?.follows(instance)) {
          throw new Refused(409, 'NOT_FOLLOWING', 'the guest has no question open: it follows once host-server runs as `trovestrap serve --follow` and its daemon was started since (systemctl restart trovestrap-guest)')
        }
        await reread?.()
        followers.refresh(instance)
        return { revision: offer().manifest.revision, refreshed: [instance] }
      },
    )

    for (const [route, change, summary] of [
      [ROUTES.hold, store.instances.hold, 'Leave this guest as it is until it is released'],
      [ROUTES.release, store.instances.release, 'Let a held guest go on: it takes what is served now'],
    ] as const) {
      app.post<{ Params: { instance: string } }>(route, { schema: { summary, response: { 204: Type.Null(), '4xx': Refusal } } }, async ({ params: { instance } }, reply) => {
        known(instance)
        change(instance, clock())
        followers?.wake()
        return reply.status(204).send()
      })
    }
  }
}
