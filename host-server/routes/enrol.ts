import type { FastifyPluginAsync } from 'fastify'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { EnrolmentAnswer, EnrolmentRequest } from '../../contract/enrolment.ts'
import { Refusal } from '../../contract/operator-view.ts'
import { ROUTES } from '../../contract/routes.ts'
import type { Door } from '../doors.ts'
import type { Parts } from '../parts.ts'
import { Refused } from '../refused.ts'

const BODY_LIMIT = 16 * 1024

/** A guest becomes known. Asking again with the same key gives the same answer with a later end. */
export function enrolRoutes(door: Door, { store, clock, credentialLifetime, signingKeys }: Parts): FastifyPluginAsync {
  return async (plugin) => {
    const app = plugin.withTypeProvider<TypeBoxTypeProvider>()
    app.addHook('onRequest', door)
    app.post(
      ROUTES.enrol,
      {
        bodyLimit: BODY_LIMIT,
        schema: {
          summary: 'Enrol an instance with a bootstrap token, or renew with its own credential',
          body: EnrolmentRequest,
          response: { 200: EnrolmentAnswer, '4xx': Refusal },
        },
      },
      async ({ body, caller, ip }): Promise<EnrolmentAnswer> => {
        const now = clock()
        const refuse = (status: number, code: string, message: string): never => {
          store.refusals.add({ at: now.toISOString(), address: ip, instance: body.instance, code })
          throw new Refused(status, code, message)
        }
        if (caller?.kind === 'instance' && caller.instance !== body.instance) {
          refuse(403, 'NOT_YOURS', 'this credential is for another instance')
        }
        const expires = new Date(now.getTime() + credentialLifetime() * 1000)
        const outcome = store.instances.enrol(
          {
            instance: body.instance,
            key: body.key,
            expires,
            address: ip,
            ...(body.hostname === undefined ? {} : { name: body.hostname }),
            ...(caller?.kind === 'bootstrap' ? { token: caller.id } : {}),
          },
          now,
        )
        if (outcome === 'taken') {
          refuse(409, 'INSTANCE_TAKEN', `instance ${body.instance} is enrolled with another key; if it was rebuilt: trovestrap forget ${body.instance}`)
        }
        if (outcome === 'revoked') refuse(401, 'CREDENTIAL_REFUSED', `instance ${body.instance} was revoked; trovestrap forget ${body.instance} lets it in again`)
        if (outcome === 'token-used-up') refuse(401, 'TOKEN_REFUSED', 'the bootstrap token has no uses left; trovestrap token create makes another')
        return { instance: body.instance, expires: expires.toISOString(), signing_keys: [...signingKeys] }
      },
    )
  }
}
