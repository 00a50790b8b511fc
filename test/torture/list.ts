import type { Torture } from './torture.ts'

/** By name, as `npm run torture -- NAME` takes it; loaded when it is asked for. */
export const TORTURES: Readonly<Record<string, () => Promise<Torture>>> = {
  canaries: async () => (await import('./canaries.ts')).canaries,
  'guest-faults': async () => (await import('./guest-faults.ts')).guestFaults,
  'slow-link': async () => (await import('./slow-link.ts')).slowLink,
  'power-cuts': async () => (await import('./power-cuts.ts')).powerCuts,
  properties: async () => (await import('./properties.ts')).properties,
  'slow-clients': async () => (await import('./slow-clients.ts')).slowClients,
  'killed-host': async () => (await import('./killed-host.ts')).killedHost,
  soak: async () => (await import('./soak.ts')).soak,
  'odd-trees': async () => (await import('./odd-trees.ts')).oddTrees,
  testssl: async () => (await import('./testssl.ts')).testssl,
}
