import type { Cloud } from '../../openstack/cloud.ts'
import { createFloatingIp, createPortForwarding, deleteFloatingIp, deletePortForwarding, updateFloatingIp } from '../../openstack/neutron/floating-ips.ts'
import type { Way } from './choose-way.ts'
import type { Exposable } from './exposable.ts'
import { mark, markOver } from './mark.ts'
import type { Operation } from './operation.ts'

/** What a way still needs, and the address that it has from then on. */
export interface WayWork {
  readonly operations: readonly Operation[]
  /** Known once the operations are done. */
  address(): string
}

export function wayWork(cloud: Cloud, { kind, port: external, from, isThere }: Way, { instance, port, protocol, address: inside }: Exposable): WayWork {
  const description = mark(instance.id)
  let reached = 'floating' in from ? { id: from.floating.id, address: from.floating.floating_ip_address } : undefined
  const whole = { port_id: port.id, fixed_ip_address: inside }
  const operations: Operation[] = []

  if (!isThere && 'network' in from) {
    const to = kind === 'floating-ip' ? whole : {}
    operations.push({
      words: `openstack floating ip create ${from.pool}${kind === 'floating-ip' ? ` --port ${port.id} --fixed-ip-address ${inside}` : ''} --description '${description}'`,
      async perform(patience) {
        const made = await createFloatingIp(cloud, { floating_network_id: from.network, description, ...to }, patience)
        reached = { id: made.id, address: made.floating_ip_address }
      },
      undo: (patience) => deleteFloatingIp(cloud, reached!.id, patience),
    })
  }
  if (!isThere && kind === 'floating-ip' && 'floating' in from) {
    const before = from.floating.description ?? ''
    operations.push({
      words: `openstack floating ip set ${from.floating.floating_ip_address} --port ${port.id} --fixed-ip-address ${inside} --description '${markOver(instance.id, before)}'`,
      perform: async (patience) => void (await updateFloatingIp(cloud, from.floating.id, { ...whole, description: markOver(instance.id, before) }, patience)),
      undo: async (patience) => void (await updateFloatingIp(cloud, from.floating.id, { port_id: null, description: before }, patience)),
    })
  }
  if (!isThere && kind === 'port-forwarding') {
    let id = ''
    operations.push({
      words: `openstack floating ip port forwarding create ${reached?.address ?? 'ADDRESS'} --protocol tcp --external-protocol-port ${external} --internal-protocol-port ${protocol.port} --internal-ip-address ${inside} --port ${port.id} --description '${description}'`,
      async perform(patience) {
        const wanted = { external_port: external, internal_port: protocol.port, internal_port_id: port.id, internal_ip_address: inside, description }
        id = (await createPortForwarding(cloud, reached!.id, wanted, patience)).id
      },
      undo: (patience) => deletePortForwarding(cloud, reached!.id, id, patience),
    })
  }
  return { operations, address: () => reached!.address }
}
