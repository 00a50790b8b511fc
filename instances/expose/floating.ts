import { isIPv4 } from 'node:net'
import type { Cloud } from '../../openstack/cloud.ts'
import type { Patience } from '../../openstack/http/ask.ts'
import { externalNetworks, extensions, floatingIps, portForwardings, type ExternalNetwork, type FloatingIp, type PortForwarding } from '../../openstack/neutron/floating-ips.ts'
import { routersOf } from '../../openstack/neutron/routers.ts'
import type { Exposable } from './exposable.ts'

/** A floating address with what leads on from it. */
export interface Floating extends FloatingIp {
  readonly forwardings: readonly PortForwarding[]
}

/** What Neutron has that could expose a database, or does. */
export interface NeutronWays {
  /** Whether single ports can be forwarded, and marked as ours. */
  readonly forwards: boolean
  readonly externals: readonly ExternalNetwork[]
  /** External networks that a router of the database's network leads to; undefined where this project sees none, and there may be one all the same. */
  readonly routed: readonly string[] | undefined
  /** Of the project that is logged in, those that lead to the database's port, and the one that is asked for by its address. */
  readonly floating: readonly Floating[]
  readonly projectId: string
}

/** Extensions of Neutron: forwarding itself, and a description on it. Both are there since Train (2019). */
const FORWARDS = ['floating-ip-port-forwarding', 'floating-ip-port-forwarding-description']

/** @param address what was asked for: an address, a pool's name, or nothing */
export async function neutronWays(cloud: Cloud, { port }: Exposable, address: string | undefined, patience: Patience): Promise<NeutronWays> {
  const [{ projectId, admin }, known, externals, routers] = await Promise.all([cloud.session(patience), extensions(cloud, patience), externalNetworks(cloud, patience), routersOf(cloud, port.network_id, patience)])
  const forwards = FORWARDS.every((alias) => known.has(alias))
  const floating = await floatingOf(cloud, [{ project_id: projectId }, { port_id: port.id }, ...(address !== undefined && isIPv4(address) ? [{ floating_ip_address: address }] : [])], forwards, patience)
  const routed = routers.flatMap(({ external_gateway_info: gateway }) => gateway?.network_id ?? [])
  return { forwards, externals, routed: routers.length === 0 && !admin ? undefined : routed, floating, projectId }
}

/** Each once. @param forwards whether this Neutron knows forwardings */
export async function floatingOf(cloud: Cloud, wheres: readonly Parameters<typeof floatingIps>[1][], forwards: boolean, patience: Patience): Promise<Floating[]> {
  const all = (await Promise.all(wheres.map((where) => floatingIps(cloud, where, patience)))).flat()
  const once = [...new Map(all.map((one) => [one.id, one])).values()]
  // An address that leads to a port as a whole has none.
  return await Promise.all(once.map(async (one) => ({ ...one, forwardings: forwards && one.port_id == null ? await portForwardings(cloud, one.id, patience) : [] })))
}

export async function canForward(cloud: Cloud, patience: Patience): Promise<boolean> {
  const known = await extensions(cloud, patience)
  return FORWARDS.every((alias) => known.has(alias))
}
