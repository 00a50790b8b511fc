import { readdirSync } from 'node:fs'

/** Where ip-netns(8) keeps names. */
const NAMED = '/run/netns'

/** Network namespaces of this host that have a name; none where nobody made one. */
export function namespaces(): string[] {
  try {
    return readdirSync(NAMED).sort()
  } catch {
    return []
  }
}

/**
 * Those from which a network can be reached: of its DHCP agent (ML2/OVS) or its metadata agent (OVN), which have an address in it, and of routers,
 * of which it is not said here which lead there.
 */
export function leadingTo(network: string, all: readonly string[]): string[] {
  return all.filter((name) => name === `qdhcp-${network}` || name === `ovnmeta-${network}` || /^(?:qrouter|snat)-/.test(name))
}
