import type { Patience } from '../../openstack/http/ask.ts'

const MS = 60_000

/** Enough for a cloud on two cores. */
export function patience(): Patience {
  return { signal: AbortSignal.timeout(MS), until: Date.now() + MS }
}
