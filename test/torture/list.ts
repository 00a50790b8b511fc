import type { Torture } from './torture.ts'

/** By name, as `npm run torture -- NAME` takes it; loaded when it is asked for. */
export const TORTURES: Readonly<Record<string, () => Promise<Torture>>> = {
  'guest-faults': async () => (await import('./guest-faults.ts')).guestFaults,
  'slow-link': async () => (await import('./slow-link.ts')).slowLink,
  'power-cuts': async () => (await import('./power-cuts.ts')).powerCuts,
}
