import { Type, type Static, type TSchema } from 'typebox'
import { answerOf } from '../../openstack/answer-of.ts'
import type { Cloud, CloudCall } from '../../openstack/cloud.ts'
import { until } from '../until.ts'
import { MANAGEMENT, nameBridge, PUBLIC, USERS, type LabNetwork } from './network.ts'

/** What every cloud has before somebody asks for a database. Ids. */
export interface Furniture {
  readonly networks: { readonly management: string; readonly users: string; readonly public: string }
  readonly flavor: string
}

/** Of the flavor: its ephemeral disk is Trove's volume, where there is no Cinder. */
const FLAVOR = { id: '2', name: 'db.small', vcpus: 2, ram: 1024, disk: 6, 'OS-FLV-EXT-DATA:ephemeral': 1 }
const PATIENCE_MS = 60_000

const Id = Type.Object({ id: Type.String() })

/** Networks, their subnets, a router from the users' network to the public one, and a flavor; then waits for a compute host in a cell. */
export async function furnish(cloud: Cloud): Promise<Furniture> {
  const { address } = PUBLIC
  const [management, users, outside, { flavor }] = await Promise.all([
    makeNetwork(cloud, MANAGEMENT, { shared: true }, null),
    makeNetwork(cloud, USERS, { shared: true }, within(USERS, 254)),
    makeNetwork(cloud, PUBLIC, { 'router:external': true }, address),
    ask(cloud, { service: 'compute', path: '/flavors', json: { flavor: FLAVOR } }, Type.Object({ flavor: Id })),
  ])
  const wanted = { name: 'router', external_gateway_info: { network_id: outside.network } }
  const { router } = await ask(cloud, { service: 'network', path: '/routers', json: { router: wanted } }, Type.Object({ router: Id }))
  await ask(cloud, { service: 'network', method: 'PUT', path: `/routers/${router.id}/add_router_interface`, json: { subnet_id: users.subnet } }, Id)
  await inItsCell(cloud)
  return { networks: { management: management.network, users: users.network, public: outside.network }, flavor: flavor.id }
}

/** Until nova-scheduler has found the compute host, every server ends in ERROR: the host "is not mapped to any cell". Nova lists none before. */
async function inItsCell(cloud: Cloud): Promise<void> {
  const Hypervisors = Type.Object({ hypervisors: Type.Array(Type.Unknown()) })
  await until('a compute host in its cell', async () => {
    const { hypervisors } = await ask(cloud, { service: 'compute', path: '/os-hypervisors' }, Hypervisors)
    return hypervisors.length > 0 ? true : undefined
  }, { timeoutMs: PATIENCE_MS, everyMs: 500 })
}

/** Without DHCP: the addresses come with the config drive. @param gateway where its servers send what is for others; nowhere for null */
async function makeNetwork(cloud: Cloud, network: LabNetwork, more: object, gateway: string | null): Promise<{ network: string; subnet: string }> {
  const { name, cidr } = network
  const made = await ask(cloud, { service: 'network', path: '/networks', json: { network: { name, 'provider:network_type': 'local', ...more } } }, Type.Object({ network: Id }))
  await nameBridge(network, made.network.id)
  const wanted = {
    name,
    network_id: made.network.id,
    ip_version: 4,
    cidr,
    enable_dhcp: false,
    gateway_ip: gateway,
    // beside the host's own address and the router's
    allocation_pools: [{ start: within(network, 10), end: within(network, 250) }],
  }
  const { subnet } = await ask(cloud, { service: 'network', path: '/subnets', json: { subnet: wanted } }, Type.Object({ subnet: Id }))
  return { network: made.network.id, subnet: subnet.id }
}

/** An address of that network. */
function within({ address }: LabNetwork, last: number): string {
  return address.replace(/\d+$/, String(last))
}

async function ask<T extends TSchema>(cloud: Cloud, call: CloudCall, schema: T): Promise<Static<T>> {
  const patience = { signal: AbortSignal.timeout(PATIENCE_MS), until: Date.now() + PATIENCE_MS }
  return answerOf(schema, await cloud.read(call, patience), call.service)
}
