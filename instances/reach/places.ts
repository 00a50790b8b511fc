import { floatingAddresses, ports } from '../../openstack/neutron.ts'
import type { Cloud } from '../../openstack/cloud.ts'
import type { Patience } from '../../openstack/http/ask.ts'
import type { TroveInstance } from '../../openstack/trove.ts'

/** An address at which the guest may be. */
export interface Place {
  readonly address: string
  /** Neutron's id of the network it lies in; absent where that is not known, or everybody's. */
  readonly network?: string
}

/** Where an instance is, as the cloud tells. */
export interface Placed {
  readonly places: readonly Place[]
  /** Nova's id, where it is known. */
  readonly server?: string
}

/**
 * Trove calls the ports of an instance by its id, that on the management network too; a project sees its own alone. Floating addresses come last: they are a way around.
 * @throws CloudError
 */
export async function placesOf(cloud: Cloud, instance: TroveInstance, patience: Patience): Promise<Placed> {
  const own = await ports(cloud, { name: `trove-${instance.id}` }, patience)
  const floating = await floatingAddresses(cloud, own.map(({ id }) => id), patience)
  const fixed = own.flatMap(({ network_id, fixed_ips }) => fixed_ips.map(({ ip_address }) => ({ address: ip_address, network: network_id })))
  const told = (instance.addresses ?? []).map(({ address, network }) => ({ address, ...(network == null ? {} : { network }) }))
  const server = instance.server_id ?? own.map(({ device_id }) => device_id).find((id) => id != null && id !== '')
  const all = [...fixed, ...told, ...floating.map(({ floating_ip_address }) => ({ address: floating_ip_address }))]
  return { places: all.filter(({ address }, at) => all.findIndex((one) => one.address === address) === at), ...(server == null ? {} : { server }) }
}
