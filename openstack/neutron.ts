// Neutron's API, so far as one looks at a server's network with it.
import { Type, type Static, type TSchema } from 'typebox'
import { answerOf, Maybe } from './answer-of.ts'
import type { Cloud } from './cloud.ts'
import type { Patience } from './http/ask.ts'

const Words = Maybe(Type.String())
const Whole = Maybe(Type.Number())

const Port = Type.Object({
  id: Type.String(),
  status: Type.String(),
  network_id: Type.String(),
  description: Words,
  /** Of the project whose port it is. */
  project_id: Words,
  /** Whose port it is, by kind: `compute:nova`, `network:router_interface`. */
  device_owner: Words,
  /** The server whose port it is; an empty text before it is anybody's. */
  device_id: Words,
  fixed_ips: Type.Array(Type.Object({ ip_address: Type.String() })),
  security_groups: Maybe(Type.Array(Type.String())),
  /** For an admin alone; `binding_failed` is what one looks for. */
  'binding:vif_type': Words,
})
export type Port = Static<typeof Port>

const Rule = Type.Object({
  security_group_id: Type.String(),
  direction: Type.String(),
  ethertype: Words,
  protocol: Words,
  port_range_min: Whole,
  port_range_max: Whole,
  remote_ip_prefix: Words,
  remote_group_id: Words,
  remote_address_group_id: Words,
})
export type Rule = Static<typeof Rule>

const FloatingAddress = Type.Object({ port_id: Words, floating_ip_address: Type.String() })
export type FloatingAddress = Static<typeof FloatingAddress>

const Network = Type.Object({ id: Type.String(), name: Words, mtu: Whole })
export type Network = Static<typeof Network>

const Subnet = Type.Object({ network_id: Type.String(), enable_dhcp: Maybe(Type.Boolean()) })
export type Subnet = Static<typeof Subnet>

/** @param where `device_id` of a server, the `name` that Trove gives, or all of a network */
export function ports(cloud: Cloud, where: { device_id: string } | { name: string } | { network_id: string }, patience: Patience): Promise<Port[]> {
  return list(cloud, 'ports', Port, Object.entries(where), patience)
}

/** @throws CloudError, with status 409 for one that something holds */
export async function deletePort(cloud: Cloud, id: string, patience: Patience): Promise<void> {
  await cloud.read({ service: 'network', method: 'DELETE', path: `/ports/${encodeURIComponent(id)}` }, patience)
}

/** Floating addresses that lead to these ports. */
export function floatingAddresses(cloud: Cloud, portIds: readonly string[], patience: Patience): Promise<FloatingAddress[]> {
  return list(cloud, 'floatingips', FloatingAddress, portIds.map((id) => ['port_id', id] as const), patience)
}

export function rules(cloud: Cloud, groups: readonly string[], patience: Patience): Promise<Rule[]> {
  return list(cloud, 'security-group-rules', Rule, groups.map((group) => ['security_group_id', group] as const), patience)
}

export function networks(cloud: Cloud, ids: readonly string[], patience: Patience): Promise<Network[]> {
  return list(cloud, 'networks', Network, ids.map((id) => ['id', id] as const), patience)
}

export function subnets(cloud: Cloud, networkIds: readonly string[], patience: Patience): Promise<Subnet[]> {
  return list(cloud, 'subnets', Subnet, networkIds.map((id) => ['network_id', id] as const), patience)
}

/** What fulfils one of several values of a key. Neutron would give everything where it is asked for nothing. */
export async function list<T extends TSchema>(cloud: Cloud, what: string, schema: T, query: readonly (readonly [string, string])[], patience: Patience): Promise<Static<T>[]> {
  if (query.length === 0) return []
  const path = `/${what}?${new URLSearchParams(query.slice(0, 50).map(([key, value]): [string, string] => [key, value]))}`
  const key = what.replaceAll('-', '_')
  return answerOf(Type.Object({ [key]: Type.Array(schema) }), await cloud.read({ service: 'network', path }, patience), 'Neutron')[key] as Static<T>[]
}
