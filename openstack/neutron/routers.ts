import { Type, type Static } from 'typebox'
import { Maybe } from '../answer-of.ts'
import type { Cloud } from '../cloud.ts'
import type { Patience } from '../http/ask.ts'
import { list, ports } from '../neutron.ts'

const Router = Type.Object({
  id: Type.String(),
  name: Maybe(Type.String()),
  /** Absent where it leads to no external network. */
  external_gateway_info: Maybe(Type.Object({ network_id: Type.String() })),
})
export type Router = Static<typeof Router>

/** Routers that have an interface in a network, so far as this project may see them. */
export async function routersOf(cloud: Cloud, network: string, patience: Patience): Promise<Router[]> {
  // network:router_interface, network:router_interface_distributed, network:ha_router_replicated_interface
  const interfaces = (await ports(cloud, { network_id: network }, patience)).filter(({ device_owner }) => /^network:.*router.*interface/.test(device_owner ?? ''))
  const ids = new Set(interfaces.flatMap(({ device_id }) => device_id ?? []))
  return await list(cloud, 'routers', Router, [...ids].map((id) => ['id', id] as const), patience)
}
