import { isIPv4 } from 'node:net'
import type { Cloud } from '../../openstack/cloud.ts'
import type { Patience } from '../../openstack/http/ask.ts'
import { ports, type Port } from '../../openstack/neutron.ts'
import type { TroveInstance } from '../../openstack/trove.ts'
import type { Protocol } from '../greeting/greeting.ts'
import { protocolOf } from '../greeting/protocol-of.ts'
import { Refusal } from '../refusal.ts'

/** A database, and where it is on its own network. */
export interface Exposable {
  readonly instance: TroveInstance
  /** With the port that its kind of database listens on. */
  readonly protocol: Protocol
  /** Neutron's, of the instance on the network of its users. */
  readonly port: Port
  /** IPv4, of that port. */
  readonly address: string
}

/** @throws Refusal when it is of a kind, or in a state, in which nobody could connect to it @throws CloudError */
export async function exposable(cloud: Cloud, instance: TroveInstance, patience: Patience): Promise<Exposable> {
  const kind = instance.datastore?.type ?? ''
  const protocol = protocolOf(kind)
  if (protocol === undefined) throw new Refusal(`expected an instance of MySQL, MariaDB, Percona or PostgreSQL, got ${JSON.stringify(kind)}: its port is not known`)
  const all = await ports(cloud, { name: `trove-${instance.id}` }, patience)
  const { admin, project } = await cloud.session(patience)
  if (all.length === 0 && !admin) throw new Refusal(`Neutron shows project ${project} no port of ${called(instance)}: Trove keeps them in a project of its own\n  trovestrap expose ${instance.id} --os-cloud ADMIN      as a user with the role admin in project ${project}`, 'failed')
  // Trove names the management port and the users' alike, and tells them apart by these words (taskmanager/models.py, _create_port).
  for (const port of all.filter(({ description }) => !description?.startsWith('Management port'))) {
    const address = port.fixed_ips.map(({ ip_address }) => ip_address).find(isIPv4)
    if (address !== undefined) return { instance, protocol, port, address }
  }
  throw new Refusal(`${called(instance)} has no IPv4 address on a network of its users (${instance.status ?? 'no status'}); it gets one while it is built\n  trovestrap diagnose ${instance.id}`, 'failed')
}

export function called({ id, name }: TroveInstance): string {
  return name == null ? id : `${name} (${id})`
}
