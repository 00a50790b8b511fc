// How often somebody may be wrong. Only what turns out to be wrong is counted, and whoever is right is never asked to wait: so a guest that
// guesses locks nobody out who shares its address. Secrets here have 80 bits and more; this is not what keeps them from being guessed, but
// what keeps guessing from costing the host anything.
import { isIPv6 } from 'node:net'
import { plainAddress } from '../plain-address.ts'

interface Allowance {
  left: number
  /** ms */
  at: number
}

export interface Pace {
  /** How many at once. */
  readonly burst: number
  /** Seconds until another one is allowed. */
  readonly every: number
}

/** More are not remembered; whoever was quiet longest is forgotten first. */
const REMEMBERED = 10_000

export class Attempts {
  readonly #pace: Pace
  readonly #allowances = new Map<string, Allowance>()

  constructor(pace: Pace) {
    this.#pace = pace
  }

  /** Counts one. @returns seconds to wait where it was one too many; 0 otherwise */
  count(who: string, now: Date): number {
    const { burst, every } = this.#pace
    const known = this.#allowances.get(who) ?? { left: burst, at: now.getTime() }
    // A clock that steps back gives nothing and takes nothing.
    const gained = Math.max(0, now.getTime() - known.at) / 1000 / every
    const left = Math.min(burst, known.left + gained) - 1
    this.#allowances.delete(who)
    this.#allowances.set(who, { left: Math.max(left, -1), at: now.getTime() })
    if (this.#allowances.size > REMEMBERED) this.#allowances.delete(this.#allowances.keys().next().value!)
    return left >= 0 ? 0 : Math.ceil(-left * every)
  }
}

/** Whoever has one IPv6 address has 2^64 of them. */
export function sameHolder(address: string): string {
  const plain = plainAddress(address)
  if (!isIPv6(plain)) return plain
  const [head = '', tail] = plain.split('::')
  const groups = head === '' ? [] : head.split(':')
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === '' ? 0 : tail.split(':').length)
  return `${[...groups, ...Array<string>(missing).fill('0')].slice(0, 4).join(':')}::/64`
}
