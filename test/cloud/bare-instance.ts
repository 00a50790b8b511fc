import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { USERS } from '../../lab/cloud/network.ts'
import { until } from '../../lab/until.ts'
import { ports } from '../../openstack/neutron.ts'
import { server } from '../../openstack/nova.ts'
import { managedInstance, managedInstances, type TroveInstance } from '../../openstack/trove.ts'
import { folder } from './enter.ts'
import { patience } from './patience.ts'
import { base, bootWords, cloud, type } from './the-cloud.ts'

const SERVER_MS = 180_000
const VERSION = 'bare'

/** A datastore version whose image has nothing on it: its servers run, and are idle. */
export async function bareVersion(): Promise<readonly string[]> {
  const image = join(folder, 'bare.qcow2')
  if (!existsSync(image)) await type.well(['qemu-img', 'create', '-q', '-f', 'qcow2', image, '64M'])
  const words = ['trovestrap', 'image', 'publish', image, '--datastore', 'mysql', '--version', VERSION, '--visibility', 'public', '--tag', VERSION, ...bootWords(base, 'panic=0')]
  await type.well(words)
  return words
}

/** Launches an instance of it, which stays in BUILD. @returns it once its server is ACTIVE */
export async function bareInstance(name: string): Promise<TroveInstance & { readonly server_id: string }> {
  await type.well(['trovestrap', 'launch', name, '--datastore', 'mysql', '--version', VERSION, '--flavor', 'db.small', '--network', USERS.name])
  const { id } = (await managedInstances(cloud.openstack, patience())).find((instance) => instance.name === name && instance.deleted !== true)!
  return await until(`a server of ${name}`, async () => {
    const { server_id, ...instance } = await managedInstance(cloud.openstack, id, patience())
    if (server_id == null) return undefined
    const { status } = await server(cloud.openstack, server_id, patience())
    if (status === 'ERROR') throw new Error(`the server of ${name} is in ERROR`)
    return status === 'ACTIVE' ? { ...instance, server_id } : undefined
  }, { timeoutMs: SERVER_MS, everyMs: 1_000 })
}

/** Of its server, on the management network first. */
export async function addressesOf(id: string): Promise<string[]> {
  const own = await ports(cloud.openstack, { device_id: id }, patience())
  return own.flatMap(({ fixed_ips }) => fixed_ips.map(({ ip_address }) => ip_address)).sort().reverse()
}
