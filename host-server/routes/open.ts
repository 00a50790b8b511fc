import type { FastifyPluginAsync } from 'fastify'
import { Type } from 'typebox'
import { ROUTES } from '../../contract/routes.ts'
import type { Parts } from '../parts.ts'

const Health = Type.Object({
  /** `stale`: a reload failed and what was good before is still handed out. */
  status: Type.Union([Type.Literal('ok'), Type.Literal('stale')]),
  /** Host clock, ISO 8601: guests compare theirs. */
  time: Type.String(),
  revision: Type.String(),
  version: Type.String(),
  /** What could not be read again: `settings`, `keys`, `source`, `guest_config` or `python`. The log says why. */
  stale: Type.Optional(Type.Array(Type.String())),
})

/** What anybody may ask. */
export function openRoutes({ offer, clock, version }: Parts): FastifyPluginAsync {
  return async (app) => {
    app.get(
      ROUTES.health,
      { schema: { summary: 'Whether the host serves, and what', response: { 200: Health } } },
      async (_request, reply): Promise<Type.Static<typeof Health>> => {
        const { manifest, stale } = offer()
        reply.header('cache-control', 'no-store')
        return {
          status: stale.length === 0 ? 'ok' : 'stale',
          time: clock().toISOString(),
          revision: manifest.revision,
          version,
          ...(stale.length === 0 ? {} : { stale: [...stale] }),
        }
      },
    )

    app.get(ROUTES.openapi, { schema: { hide: true } }, async () => app.swagger())
  }
}
