import { setTimeout as delay } from 'node:timers/promises'
import { greet, type Met } from './greet.ts'
import type { Protocol } from './greeting.ts'

/** Milliseconds for one address. */
const ONE = 3_000
/** Milliseconds between two tries: the port of a container is open a moment after its database is. */
const AGAIN = 2_000

/**
 * Whether the database greets at any of its addresses, which are tried side by side; again, while something is there that does not greet yet.
 * @param until host clock, milliseconds since 1970
 * @returns who greeted first, else what came of each address
 */
export async function greetInstance(addresses: readonly string[], protocol: Protocol, until: number, signal: AbortSignal): Promise<Met[]> {
  for (;;) {
    const met = await Promise.all(addresses.map((address) => greet(address, protocol, ONE)))
    const greeted = met.filter((one) => 'greeting' in one && one.greeting.refuses === undefined)
    if (greeted.length > 0) return greeted
    const mayCome = met.some((one) => 'greeting' in one || one.reachable)
    if (!mayCome || Date.now() + AGAIN > until || signal.aborted) return met
    await delay(AGAIN, undefined, { signal }).catch(() => {})
  }
}
