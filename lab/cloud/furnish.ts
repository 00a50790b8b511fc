import { Type, type Static, type TSchema } from 'typebox'
import { answerOf } from '../../openstack/answer-of.ts'
import type { Cloud, CloudCall } from '../../openstack/cloud.ts'
import { MANAGEMENT, USERS, type LabNetwork } from './network.ts'

/** What every cloud has before somebody asks for a database. Ids. */
export interface Furniture {
  readonly networks: { readonly management: string; readonly users: string }
  readonly flavor: string
}

/** Of the flavor: its ephemeral disk is Trove's volume, where there is no Cinder. */
const FLAVOR = { id: '2', name: 'db.small', vcpus: 2, ram: 1024, disk: 6, 'OS-FLV-EXT-DATA:ephemeral': 1 }
const PATIENCE_MS = 60_000

/** Networks, their subnets and a flavor. */
export async function furnish(cloud: Cloud): Promise<Furniture> {
  const [management, users, flavor] = await Promise.all([makeNetwork(cloud, MANAGEMENT), makeNetwork(cloud, USERS), makeFlavor(cloud)])
  return { networks: { management, users }, flavor }
}

async function makeFlavor(cloud: Cloud): Promise<string> {
  const { flavor } = await ask(cloud, { service: 'compute', path: '/flavors', json: { flavor: FLAVOR } }, Type.Object({ flavor: Id }))
  return flavor.id
}

const Id = Type.Object({ id: Type.String() })

/** Without DHCP: the addresses come with the config drive. The management network's gateway is the host. */
async function makeNetwork(cloud: Cloud, { name, address, cidr }: LabNetwork): Promise<string> {
  const wanted = { name, 'provider:network_type': 'local', shared: true }
  const { network } = await ask(cloud, { service: 'network', path: '/networks', json: { network: wanted } }, Type.Object({ network: Id }))
  const subnet = {
    name,
    network_id: network.id,
    ip_version: 4,
    cidr,
    enable_dhcp: false,
    gateway_ip: name === MANAGEMENT.name ? address : null,
    // the host's own address is nobody else's
    allocation_pools: [{ start: address.replace(/\.1$/, '.10'), end: address.replace(/\.1$/, '.250') }],
  }
  await ask(cloud, { service: 'network', path: '/subnets', json: { subnet } }, Type.Object({ subnet: Id }))
  return network.id
}

async function ask<T extends TSchema>(cloud: Cloud, call: CloudCall, schema: T): Promise<Static<T>> {
  const patience = { signal: AbortSignal.timeout(PATIENCE_MS), until: Date.now() + PATIENCE_MS }
  return answerOf(schema, await cloud.read(call, patience), call.service)
}
