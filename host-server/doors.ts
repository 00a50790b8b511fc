// Who may use what. A door is one onRequest hook around a group of routes: it decides before a byte of the body is read,
// and every refusal for want of a credential is the same, so nothing is learnt from trying.
import type { FastifyRequest } from 'fastify'
import type { TurnedAway } from './admission/turned-away.ts'
import type { Credential } from '../contract/credential.ts'
import type { Parts } from './parts.ts'
import { readCredential } from './read-credential.ts'
import { Refused } from './refused.ts'
import type { Sightings } from './sightings.ts'

/** Whom a door has let in; the secret is left behind at it. */
export type Caller =
  | { readonly kind: 'bootstrap'; readonly id: string }
  | { readonly kind: 'instance'; readonly instance: string }
  | { readonly kind: 'operator' }

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller | null
  }
}

export type Door = (request: FastifyRequest) => Promise<void>

export interface Doors {
  /** A bootstrap token, or the instance's own still valid credential. */
  readonly enrol: Door
  /** Any enrolled instance. */
  readonly enrolled: Door
  /** The instance that the address names, and no other. */
  readonly itself: Door
  readonly operator: Door
  /** Anybody with a valid credential: what does not exist is told to them alone. */
  readonly anybody: Door
}

export function doors({ store, operator, clock }: Parts, sightings: Sightings, turnedAway: TurnedAway): Doors {
  function identify(credential: Credential): Caller | undefined {
    if (credential.kind === 'operator') return credential.secret.matches(operator()) ? { kind: 'operator' } : undefined
    if (credential.kind === 'bootstrap') {
      const { kind, id, secret } = credential
      return store.tokens.opens(id, secret, clock()) ? { kind, id } : undefined
    }
    const { kind, instance, secret } = credential
    return store.instances.opens(instance, secret, clock()) ? { kind, instance } : undefined
  }

  /** @returns the caller, if it is one of those kinds */
  function admit(request: FastifyRequest, ...kinds: readonly Caller['kind'][]): Caller | undefined {
    const credential = readCredential(request.headers.authorization)
    const caller = credential && kinds.includes(credential.kind) ? identify(credential) : undefined
    if (caller) request.caller = caller
    if (caller?.kind === 'instance') sightings.note(caller.instance, request.ip, clock())
    return caller
  }

  function opens(...kinds: readonly Caller['kind'][]): Door {
    return async (request) => {
      if (!admit(request, ...kinds)) throw unknown(request)
    }
  }

  /** The refusal, noted; whoever is wrong too often is told to wait and learns nothing else. */
  function unknown(request: FastifyRequest, code = 'CREDENTIAL_REFUSED', message = UNKNOWN): Refused {
    const event = request.is404 ? 'unknown' : `${request.method} ${request.routeOptions.url}`
    const wait = turnedAway.wrong({ event, code, address: request.ip }, clock())
    if (wait > 0) return new Refused(429, 'TOO_MANY_ATTEMPTS', `too many wrong credentials from ${request.ip}; ask again in ${wait} s`, { retryAfter: wait })
    return new Refused(401, code, message)
  }

  return {
    enrolled: opens('instance'),
    operator: opens('operator'),
    anybody: opens('bootstrap', 'instance', 'operator'),
    async itself(request) {
      const caller = admit(request, 'instance')
      if (caller?.kind !== 'instance') throw unknown(request)
      const { instance } = request.params as { instance?: string }
      if (instance === caller.instance) return
      turnedAway.wrong({ event: `${request.method} ${request.routeOptions.url}`, code: 'NOT_YOURS', address: request.ip, instance: caller.instance }, clock())
      throw new Refused(403, 'NOT_YOURS', 'this credential is for another instance')
    },
    async enrol(request) {
      if (admit(request, 'bootstrap', 'instance')) return
      const renewing = readCredential(request.headers.authorization)?.kind === 'instance'
      const code = renewing ? 'CREDENTIAL_REFUSED' : 'TOKEN_REFUSED'
      const refused = unknown(request, code, renewing ? UNKNOWN : 'expected a valid bootstrap token; trovestrap token create makes one')
      // The body, which names the instance, is not read for somebody unknown.
      if (refused.statusCode === 401) store.refusals.add({ at: clock().toISOString(), address: request.ip, code })
      throw refused
    },
  }
}

const UNKNOWN = 'expected a valid credential for this address'
