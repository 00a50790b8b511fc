import { isIPv4 } from 'node:net'
import { Refusal } from '../refusal.ts'
import { called, type Exposable } from './exposable.ts'
import type { Floating, NeutronWays } from './floating.ts'

/** How a database is, or will be, reached from outside. */
export interface Way {
  readonly kind: 'port-forwarding' | 'floating-ip'
  /** Where clients knock. */
  readonly port: number
  /** An address that is there, or the external network that a new one is to come from. */
  readonly from: { readonly floating: Floating } | { readonly network: string; readonly pool: string }
  /** Whether it is so already. */
  readonly isThere: boolean
}

export interface AskedWay {
  readonly port?: number
  readonly address?: string
}

/** @throws Refusal where that cannot be, with what to type */
export function chooseWay(asked: AskedWay, exposable: Exposable, ways: NeutronWays): Way {
  const there = wayThatIsThere(exposable, ways.floating)
  if (there !== undefined) return sameOrRefuse(there, asked, exposable)
  const own = exposable.protocol.port
  const port = asked.port ?? own
  if (!ways.forwards && port !== own) {
    throw new Refusal(`this Neutron forwards no single ports (it lacks the extension floating-ip-port-forwarding), so port ${port} cannot lead to port ${own}\n  trovestrap expose ${exposable.instance.id}                        by a floating address, at port ${own}\n  trovestrap expose ${exposable.instance.id} --host --port ${port}      through this host`)
  }
  const kind = ways.forwards ? 'port-forwarding' : 'floating-ip'
  if (asked.address !== undefined && isIPv4(asked.address)) return { kind, port, from: { floating: addressAsked(asked.address, port, kind, exposable, ways) }, isThere: false }
  const { id: network, name } = poolOf(asked.address, exposable, ways)
  const free = ways.floating.find((one) => one.floating_network_id === network && one.project_id === ways.projectId && one.port_id == null && one.forwardings.length === 0)
  return { kind, port, from: free ? { floating: free } : { network, pool: name ?? network }, isThere: false }
}

function wayThatIsThere({ port, protocol }: Exposable, floating: readonly Floating[]): (Way & { from: { floating: Floating } }) | undefined {
  for (const one of floating) {
    if (one.port_id === port.id) return { kind: 'floating-ip', port: protocol.port, from: { floating: one }, isThere: true }
    const forwarding = one.forwardings.find((each) => each.internal_port_id === port.id && each.internal_port === protocol.port && each.protocol === 'tcp')
    if (forwarding?.external_port != null) return { kind: 'port-forwarding', port: forwarding.external_port, from: { floating: one }, isThere: true }
  }
  return undefined
}

function sameOrRefuse(there: Way & { from: { floating: Floating } }, asked: AskedWay, { instance }: Exposable): Way {
  const { floating_ip_address: address, floating_network_id: network } = there.from.floating
  const isSame = (asked.port === undefined || asked.port === there.port) && (asked.address === undefined || !isIPv4(asked.address) || asked.address === address)
  if (isSame) return there
  throw new Refusal(`${called(instance)} is exposed already, at ${address}:${there.port} (network ${network})\n  trovestrap unexpose ${instance.id}      ends that first`)
}

function addressAsked(address: string, port: number, kind: Way['kind'], { instance }: Exposable, { floating, projectId }: NeutronWays): Floating {
  const found = floating.find((one) => one.floating_ip_address === address)
  if (found === undefined) throw new Refusal(`this project has no floating address ${address}; it may be another project's\n  openstack floating ip list      lists those of this project`)
  if (found.project_id !== projectId) throw new Refusal(`floating address ${address} is of project ${found.project_id ?? '?'}, and project ${projectId} is logged in\n  openstack floating ip list --project ${projectId}`)
  if (found.port_id != null) throw new Refusal(`floating address ${address} leads to port ${found.port_id} as a whole\n  trovestrap expose ${instance.id}      by another address`)
  const taken = found.forwardings.find((one) => one.protocol === 'tcp' && one.external_port === port)
  if (taken) throw new Refusal(`port ${port} of ${address} leads to ${taken.internal_ip_address}:${taken.internal_port ?? '?'} already\n  trovestrap expose ${instance.id} --address ${address} --port ${nextFree(port, found)}`)
  if (kind === 'floating-ip' && found.forwardings.length > 0) throw new Refusal(`floating address ${address} forwards single ports, so it cannot lead to ${called(instance)} as a whole`)
  return found
}

function nextFree(port: number, { forwardings }: Floating): number {
  const taken = forwardings.map(({ external_port }) => external_port)
  let free = port + 1
  while (taken.includes(free)) free += 1
  return free
}

function poolOf(asked: string | undefined, { instance, port }: Exposable, { externals, routed }: NeutronWays): { id: string; name?: string | null } {
  const named = asked === undefined ? externals : externals.filter(({ id, name }) => id === asked || name === asked)
  const list = externals.map(({ id, name }) => name ?? id).join(', ')
  if (externals.length === 0) throw new Refusal(`this cloud shows no external network, so there are no floating addresses\n  trovestrap expose ${instance.id} --host      through this host`)
  if (named.length === 0) throw new Refusal(`expected an external network or a floating address for --address, got ${JSON.stringify(asked)}; there is ${list}\n  openstack network list --external`)
  const reached = routed === undefined ? named : named.filter(({ id }) => routed.includes(id))
  if (reached.length === 0) {
    throw new Refusal(`no router leads from the network of ${called(instance)} to ${named.map(({ id, name }) => name ?? id).join(' or ')}\n  openstack router set ROUTER --external-gateway ${named[0]!.name ?? named[0]!.id}\n  openstack router add subnet ROUTER SUBNET      of network ${port.network_id}\n  trovestrap expose ${instance.id} --host      through this host`, 'failed')
  }
  if (reached.length > 1) throw new Refusal(`this cloud has ${reached.length} external networks: ${list}\n  trovestrap expose ${instance.id} --address ${reached[0]!.name ?? reached[0]!.id}`)
  return reached[0]!
}
