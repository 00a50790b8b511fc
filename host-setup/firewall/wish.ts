import { HostError } from '../host-error.ts'
import type { HostNetworks } from './host-networks.ts'
import { isWithin, readNetwork } from './network.ts'
import { openPorts } from './ports.ts'

/** What is opened, and for whom. */
export interface Wish {
  /** IPv4 networks of guests, by their first address. */
  readonly guests: readonly string[]
  /** The interface by which this host reaches the outside. */
  readonly outbound: string
  /** TCP ports of this host. */
  readonly ports: readonly number[]
}

export interface Asked {
  readonly guests?: readonly string[]
  readonly outbound?: string
}

/** What of the configuration counts here. */
export interface Configured {
  readonly names: readonly string[]
  readonly listen: { readonly port: number }
}

/**
 * What was asked for, or else applied before, or else what this host's addresses tell.
 * @throws HostError with what to type, where it takes a person to know
 */
export function decideWish(asked: Asked, before: Wish | undefined, { names, listen }: Configured, host: HostNetworks): Wish {
  const outbound = asked.outbound ?? before?.outbound ?? host.outbound
  if (outbound === undefined) throw new HostError('this host has no default route, so nothing tells by which interface guests get out\n  trovestrap firewall plan --outbound IFACE')
  if (!host.interfaces.some(({ name }) => name === outbound)) {
    throw new HostError(`expected an interface of this host for --outbound, got ${JSON.stringify(outbound)}; it has ${host.interfaces.map(({ name }) => name).join(', ')}`)
  }
  const guests = asked.guests?.map(readNetwork) ?? before?.guests ?? [guestsNetwork(names, outbound, host)]
  return { guests: [...new Set(guests)].sort(), outbound, ports: openPorts(listen.port).map(({ port }) => port) }
}

/** Guests reach this host by an address that stands under `names`: where that lies in one network that leads not outside, it is theirs. */
function guestsNetwork(names: readonly string[], outbound: string, { interfaces }: HostNetworks): string {
  const inside = interfaces.filter(({ name }) => name !== outbound).flatMap(({ networks }) => networks)
  const found = [...new Set(inside.filter((network) => names.some((name) => /^[\d.]+$/.test(name) && isWithin(name, network))))]
  if (found.length === 1) return found[0]!
  const seen = [...new Set(inside)]
  throw new HostError(
    `which network is the guests'? ${found.length === 0 ? "no address under names: in the configuration lies in a network of this host that leads not outside" : `the configuration's names: lie in ${found.join(' and ')}`}\n${(seen.length === 0 ? ['CIDR'] : seen).map((network) => `  trovestrap firewall plan --guests ${network}`).join('\n')}`,
  )
}
