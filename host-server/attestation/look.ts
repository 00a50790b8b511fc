import { CloudError } from '../../openstack/cloud-error.ts'
import type { Cloud } from '../../openstack/cloud.ts'
import type { Patience } from '../../openstack/http/ask.ts'
import type { Instances } from '../../openstack/instances.ts'
import { floatingAddresses, ports } from '../../openstack/neutron.ts'
import { server, type NovaServer } from '../../openstack/nova.ts'
import { present } from '../../openstack/present.ts'
import { plainAddress } from '../plain-address.ts'
import { comesUp, type Claim, type Seen } from './judge.ts'

/**
 * What Trove, Nova and Neutron say of who claims to be an instance.
 *
 * The server is the one that Trove names, and no other: names and metadata of servers are written by whoever owns one. The addresses are
 * Neutron's: Nova keeps a copy of them that may name an address which is somebody else's by now.
 * @throws CloudError when one of them could not be asked
 */
export async function look(cloud: Cloud, instances: Instances, { instance: id, address }: Claim, patience: Patience): Promise<Seen> {
  await expectAdmin(cloud, patience)
  const instance = await instances.find(id, patience)
  // Trove's word is enough to refuse; Nova and Neutron may be away.
  if (instance?.server_id == null || !comesUp(instance)) return present({ instance, addresses: [] })
  const [found, addresses] = await Promise.all([serverOf(cloud, instance.server_id, patience), addressesOf(cloud, instance.server_id, plainAddress(address), patience)])
  return present({ instance, server: found, addresses })
}

/** To others Trove does not say which server is whose, and "there is none" means no more than "not in this project". */
export async function expectAdmin(cloud: Cloud, patience: Patience): Promise<void> {
  const { admin, project } = await cloud.session(patience)
  const { name, from } = cloud.settings
  if (!admin) throw new CloudError(`${name === undefined ? from : `cloud ${JSON.stringify(name)} of ${from}`} logs in to project ${project} without the role admin, and Trove tells the servers of instances to admins alone: openstack.cloud in host-server's configuration names another`)
}

async function serverOf(cloud: Cloud, id: string, patience: Patience): Promise<NovaServer | undefined> {
  try {
    return await server(cloud, id, patience)
  } catch (error) {
    if (error instanceof CloudError && error.status === 404) return undefined
    throw error
  }
}

/** @param wanted where it is a fixed address, the floating ones are not asked for */
async function addressesOf(cloud: Cloud, serverId: string, wanted: string, patience: Patience): Promise<string[]> {
  const own = (await ports(cloud, { device_id: serverId }, patience)).filter(({ device_id }) => device_id === serverId)
  const fixed = own.flatMap(({ fixed_ips }) => fixed_ips.map(({ ip_address }) => plainAddress(ip_address)))
  if (fixed.includes(wanted)) return fixed
  const ids = own.map(({ id }) => id)
  const floating = (await floatingAddresses(cloud, ids, patience)).filter(({ port_id }) => port_id != null && ids.includes(port_id))
  return [...fixed, ...floating.map(({ floating_ip_address }) => plainAddress(floating_ip_address))]
}
