// Neutron's floating addresses and their port forwardings (api-ref/source/v2/floatingips*.inc).
import { Type, type Static } from 'typebox'
import { answerOf, Maybe } from '../answer-of.ts'
import type { Cloud } from '../cloud.ts'
import type { Patience } from '../http/ask.ts'
import { list } from '../neutron.ts'

const Words = Maybe(Type.String())

const FloatingIp = Type.Object({
  id: Type.String(),
  floating_ip_address: Type.String(),
  floating_network_id: Type.String(),
  project_id: Words,
  /** The port that all of the address leads to. */
  port_id: Words,
  description: Words,
})
export type FloatingIp = Static<typeof FloatingIp>

const PortForwarding = Type.Object({
  id: Type.String(),
  protocol: Type.String(),
  /** Absent for a range of ports. */
  external_port: Maybe(Type.Number()),
  internal_port: Maybe(Type.Number()),
  internal_port_id: Type.String(),
  internal_ip_address: Type.String(),
  description: Words,
})
export type PortForwarding = Static<typeof PortForwarding>

const ExternalNetwork = Type.Object({ id: Type.String(), name: Words })
export type ExternalNetwork = Static<typeof ExternalNetwork>

/** Aliases of what this Neutron can do beside the core. */
export async function extensions(cloud: Cloud, patience: Patience): Promise<Set<string>> {
  const body = await cloud.read({ service: 'network', path: '/extensions' }, patience)
  return new Set(answerOf(Type.Object({ extensions: Type.Array(Type.Object({ alias: Type.String() })) }), body, 'Neutron').extensions.map(({ alias }) => alias))
}

/** Networks that floating addresses come from. */
export function externalNetworks(cloud: Cloud, patience: Patience): Promise<ExternalNetwork[]> {
  return list(cloud, 'networks', ExternalNetwork, [['router:external', 'true']], patience)
}

/** @param where of a project, or one by its address: an admin sees all */
export function floatingIps(cloud: Cloud, where: { project_id: string } | { floating_ip_address: string } | { port_id: string }, patience: Patience): Promise<FloatingIp[]> {
  return list(cloud, 'floatingips', FloatingIp, Object.entries(where), patience)
}

/** @param wanted with a port, all of the address leads to it */
export async function createFloatingIp(cloud: Cloud, wanted: { floating_network_id: string; description: string; port_id?: string; fixed_ip_address?: string }, patience: Patience): Promise<FloatingIp> {
  return one(await cloud.read({ service: 'network', path: '/floatingips', json: { floatingip: wanted } }, patience))
}

/** @param change `port_id: null` leads it nowhere */
export async function updateFloatingIp(cloud: Cloud, id: string, change: { port_id: string | null; fixed_ip_address?: string; description: string }, patience: Patience): Promise<FloatingIp> {
  return one(await cloud.read({ service: 'network', method: 'PUT', path: `/floatingips/${encodeURIComponent(id)}`, json: { floatingip: change } }, patience))
}

/** Gives the address back. */
export async function deleteFloatingIp(cloud: Cloud, id: string, patience: Patience): Promise<void> {
  await cloud.read({ service: 'network', method: 'DELETE', path: `/floatingips/${encodeURIComponent(id)}` }, patience)
}

/** Of one floating address. */
export async function portForwardings(cloud: Cloud, floatingIp: string, patience: Patience): Promise<PortForwarding[]> {
  const body = await cloud.read({ service: 'network', path: under(floatingIp) }, patience)
  return answerOf(Type.Object({ port_forwardings: Type.Array(PortForwarding) }), body, 'Neutron').port_forwardings
}

export async function createPortForwarding(
  cloud: Cloud,
  floatingIp: string,
  wanted: { external_port: number; internal_port: number; internal_port_id: string; internal_ip_address: string; description: string },
  patience: Patience,
): Promise<PortForwarding> {
  const body = await cloud.read({ service: 'network', path: under(floatingIp), json: { port_forwarding: { protocol: 'tcp', ...wanted } } }, patience)
  return answerOf(Type.Object({ port_forwarding: PortForwarding }), body, 'Neutron').port_forwarding
}

export async function deletePortForwarding(cloud: Cloud, floatingIp: string, id: string, patience: Patience): Promise<void> {
  await cloud.read({ service: 'network', method: 'DELETE', path: `${under(floatingIp)}/${encodeURIComponent(id)}` }, patience)
}

function under(floatingIp: string): string {
  return `/floatingips/${encodeURIComponent(floatingIp)}/port_forwardings`
}

function one(body: unknown): FloatingIp {
  return answerOf(Type.Object({ floatingip: FloatingIp }), body, 'Neutron').floatingip
}
