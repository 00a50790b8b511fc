import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyPluginAsync } from 'fastify'
import { Type } from 'typebox'
import { Refusal } from '../../contract/operator-view.ts'
import { Report } from '../../contract/report.ts'
import { ROUTES } from '../../contract/routes.ts'
import type { Door } from '../doors.ts'
import { answerUnchanged } from '../etag.ts'
import type { Parts } from '../parts.ts'

const BODY_LIMIT = 1024 * 1024

/** A report, or what has gathered while the host could not be reached, oldest first. */
const Reports = Type.Union([Report, Type.Array(Report, { minItems: 1, maxItems: 1000 })])

/** What belongs to one instance alone. */
export function ownRoutes(door: Door, { offer, store, clock }: Parts): FastifyPluginAsync {
  return async (plugin) => {
    const app = plugin.withTypeProvider<TypeBoxTypeProvider>()
    app.addHook('onRequest', door)

    app.get<{ Params: { instance: string } }>(
      ROUTES.config,
      { schema: { summary: 'trove-guestagent.conf for this instance', response: { 200: Type.String(), '4xx': Refusal } } },
      async (request, reply) => {
        const { config } = offer()
        // It holds RabbitMQ's password: no cache may keep it.
        reply.header('cache-control', 'no-store')
        if (answerUnchanged(request, reply, config.etag)) return reply
        const { instance } = request.params
        await store.together(() => store.audit.add({ at: clock().toISOString(), outcome: 'granted', event: 'config', by: 'instance', instance, address: request.ip }))
        return reply.type('text/plain; charset=utf-8').send(config.text)
      },
    )

    app.post<{ Params: { instance: string } }>(
      ROUTES.reports,
      {
        bodyLimit: BODY_LIMIT,
        // Again, once the body is there: the instance may have been revoked meanwhile.
        preHandler: door,
        schema: { summary: 'Reports of the bring-up; a repeat is harmless', body: Reports, response: { 204: Type.Null(), '4xx': Refusal } },
      },
      async (request, reply) => {
        const body = request.body as Report | Report[]
        await store.together(() => store.reports.add(request.params.instance, Array.isArray(body) ? body : [body], request.ip, clock()))
        return reply.status(204).send()
      },
    )
  }
}
