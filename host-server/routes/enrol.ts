import type { FastifyPluginAsync } from 'fastify'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { EnrolmentAnswer, EnrolmentRequest } from '../../contract/enrolment.ts'
import { Refusal } from '../../contract/operator-view.ts'
import { ROUTES } from '../../contract/routes.ts'
import { admit } from '../admission/admission.ts'
import type { TurnedAway } from '../admission/turned-away.ts'
import type { Door } from '../doors.ts'
import type { Parts } from '../parts.ts'
import { Refused } from '../refused.ts'

const BODY_LIMIT = 16 * 1024
/** Seconds until a guest that OpenStack could not be asked about may try again. */
const UNDECIDED_S = 15

/** A guest becomes known. Asking again with the same key gives the same answer with a later end. */
export function enrolRoutes(door: Door, { store, clock, credentialLifetime, signingKeys, attestor }: Parts, turnedAway: TurnedAway): FastifyPluginAsync {
  return async (plugin) => {
    const app = plugin.withTypeProvider<TypeBoxTypeProvider>()
    app.addHook('onRequest', door)
    app.post(
      ROUTES.enrol,
      {
        bodyLimit: BODY_LIMIT,
        // Again, once the body is there: it may have taken a minute, and whoever was let in before it may have been revoked in it.
        preHandler: door,
        schema: {
          summary: 'Enrol an instance with a bootstrap token, or renew with its own credential',
          body: EnrolmentRequest,
          response: { 200: EnrolmentAnswer, '4xx': Refusal },
        },
      },
      async ({ body, caller, ip }): Promise<EnrolmentAnswer> => {
        const now = clock()
        const { instance, key, hostname } = body
        const refuse = (status: number, code: string, message: string): never => {
          const wait = turnedAway.asking({ event: 'enrol', code, address: ip, instance }, now)
          if (wait > 0) throw new Refused(429, 'TOO_MANY_ATTEMPTS', `too many enrolments are refused to ${ip}; ask again in ${wait} s`, { retryAfter: wait })
          store.refusals.add({ at: now.toISOString(), address: ip, instance, code })
          throw new Refused(status, code, message, status === 503 ? { retryAfter: UNDECIDED_S } : {})
        }
        const token = caller?.kind === 'bootstrap' ? store.tokens.get(caller.id) : undefined
        if (caller?.kind === 'instance' && caller.instance !== instance) refuse(403, 'NOT_YOURS', 'this credential is for another instance')
        let admitted: string | undefined
        if (token && store.instances.get(instance) === undefined) {
          const decision = await admit({ instance, key, address: ip, token }, { approvals: store.approvals, attestor }, now)
          if (decision.admitted) admitted = decision.because
          else {
            if (decision.code === 'APPROVAL_PENDING') store.approvals.wait({ instance, key, address: ip, ...(hostname === undefined ? {} : { name: hostname }) }, now)
            refuse(decision.code === 'ATTESTATION_UNDECIDED' ? 503 : 403, decision.code, decision.why)
          }
        }
        const expires = new Date(now.getTime() + credentialLifetime() * 1000)
        const wish = {
          instance,
          key,
          expires,
          address: ip,
          ...(hostname === undefined ? {} : { name: hostname }),
          ...(token === undefined ? {} : { token: token.id }),
          ...(admitted === undefined ? {} : { admitted }),
        }
        const outcome = await store.together(() => store.instances.enrol(wish, now))
        if (outcome === 'taken') {
          refuse(409, 'INSTANCE_TAKEN', `instance ${instance} is enrolled with another key; if it was rebuilt: trovestrap forget ${instance}`)
        }
        if (outcome === 'revoked') refuse(401, 'CREDENTIAL_REFUSED', `instance ${instance} was revoked; trovestrap forget ${instance} lets it in again`)
        if (outcome === 'token-void') refuse(401, 'TOKEN_REFUSED', 'the bootstrap token was revoked or has expired; trovestrap token create makes another')
        if (outcome === 'not-admitted') refuse(401, 'CREDENTIAL_REFUSED', `instance ${instance} is enrolled no more; it enrols anew with its bootstrap token`)
        if (outcome === 'token-used-up') refuse(401, 'TOKEN_REFUSED', 'the bootstrap token has no uses left; trovestrap token create makes another')
        return { instance, expires: expires.toISOString(), signing_keys: [...signingKeys()] }
      },
    )
  }
}
