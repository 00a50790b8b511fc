import type { Patience } from '../openstack/http/ask.ts'

/** Milliseconds for what an operator waits for: a few calls, one behind the other, of a busy cloud. */
const WITHIN = 60_000

/** From now on. */
export function patienceOf(within = WITHIN): Patience {
  return { signal: AbortSignal.timeout(within), until: Date.now() + within }
}
