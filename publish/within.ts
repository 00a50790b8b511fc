import type { Patience } from '../openstack/http/ask.ts'

/** How long one call may take. @param signal ends it before */
export function within(seconds: number, signal: AbortSignal): Patience {
  return { signal: AbortSignal.any([signal, AbortSignal.timeout(seconds * 1000)]), until: Date.now() + seconds * 1000 }
}
