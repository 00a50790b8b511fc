import { networkInterfaces } from 'node:os'

/** Of this host's interfaces, loopback left out. */
export function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((all) => (all ?? []).filter(({ internal }) => !internal).map(({ address }) => address))
}
