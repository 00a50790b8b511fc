import type { Audit } from '../store/store.ts'
import { Attempts, sameHolder } from './attempts.ts'

export interface TurnAway {
  /** What was asked for: a route, as in contract/routes.ts, or `enrol`. */
  readonly event: string
  /** Why not. */
  readonly code: string
  readonly address: string
  readonly instance?: string
}

interface Repeated extends TurnAway {
  /** ms */
  since: number
  count: number
}

/** At once, and then one each three seconds: a guest whose credential is refused asks again after several. */
const WRONG = { burst: 20, every: 3 }
/** Whoever has a token and may not enrol yet asks every quarter of a minute; 300 guests may wait behind one address. */
const ASKING = { burst: 300, every: 0.05 }
const REPEATED_MS = 60_000
/** What is counted at once; a flood from everywhere is one entry. */
const COUNTED = 5_000

/**
 * Writes every refusal into the audit log: the first of a kind at once, its repeats as a number, a minute's together, so that a flood of
 * refusals is no flood of writes. A host-server that is killed loses at most that minute's numbers.
 */
export class TurnedAway {
  readonly #audit: Audit
  readonly #wrong = new Attempts(WRONG)
  readonly #asking = new Attempts(ASKING)
  readonly #repeated = new Map<string, Repeated>()

  constructor(audit: Audit) {
    this.#audit = audit
  }

  /** Somebody without a credential that counts. @returns seconds to wait; 0 as long as it was not too often */
  wrong(one: TurnAway, now: Date): number {
    return this.#turnAway(one, this.#wrong, now)
  }

  /** Somebody with a valid token who may not enrol. @returns as `wrong` */
  asking(one: TurnAway, now: Date): number {
    return this.#turnAway(one, this.#asking, now)
  }

  #turnAway(one: TurnAway, attempts: Attempts, now: Date): number {
    const wait = attempts.count(sameHolder(one.address), now)
    // Whose names it takes then is of no interest, and would be an entry each.
    this.#note(wait === 0 ? one : { event: one.event, address: one.address, code: 'TOO_MANY_ATTEMPTS' }, now)
    return wait
  }

  /** Writes what was only counted so far, and forgets who was quiet. */
  flush(now: Date): void {
    for (const [key, one] of this.#repeated) {
      if (one.count > 0) this.#write(one, now)
      if (now.getTime() - one.since >= REPEATED_MS) this.#repeated.delete(key)
      else one.count = 0
    }
  }

  #note(one: TurnAway, now: Date): void {
    const many = this.#repeated.size >= COUNTED
    const { event, code, address, instance } = many ? { event: one.event, code: one.code, address: 'many', instance: undefined } : one
    const key = JSON.stringify([event, code, address, instance])
    const before = this.#repeated.get(key)
    if (before && now.getTime() - before.since < REPEATED_MS) {
      before.count++
      return
    }
    if (before) this.#write(before, now)
    const kept = { event, code, address, ...(instance === undefined ? {} : { instance }) }
    this.#repeated.set(key, { ...kept, since: now.getTime(), count: 0 })
    this.#write({ ...kept, since: 0, count: 1 }, now)
  }

  #write({ event, code, address, instance, count }: Repeated, now: Date): void {
    if (count === 0) return
    this.#audit.add({ at: now.toISOString(), outcome: 'refused', event, by: 'somebody', address, detail: code, count, ...(instance === undefined ? {} : { instance }) })
  }
}
