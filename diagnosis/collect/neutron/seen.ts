import type { Network, Port, Rule, Subnet } from '../../../openstack/neutron.ts'
import { present } from '../../../openstack/present.ts'
import type { NeutronSeen } from '../../evidence.ts'

export function portSeen(port: Port): NeutronSeen['ports'][number] {
  return present({
    id: port.id,
    status: port.status,
    addresses: port.fixed_ips.map(({ ip_address }) => ip_address),
    network: port.network_id,
    binding: port['binding:vif_type'],
    security_groups: port.security_groups ?? [],
  })
}

/** A rule for everybody says so in its family's words, so that IPv6 alone is told from IPv4: `::/0`, `0.0.0.0/0`. */
export function ruleSeen(rule: Rule): NeutronSeen['rules'][number] {
  const everybody = rule.ethertype === 'IPv6' ? '::/0' : rule.ethertype === 'IPv4' ? '0.0.0.0/0' : undefined
  return present({
    group: rule.security_group_id,
    direction: rule.direction,
    protocol: rule.protocol,
    from: rule.port_range_min,
    to: rule.port_range_max,
    remote: rule.remote_ip_prefix ?? rule.remote_group_id ?? rule.remote_address_group_id ?? everybody,
  })
}

/** @param subnets of all networks; a network of which none is shown says nothing about DHCP */
export function networkSeen({ id, name, mtu }: Network, subnets: readonly Subnet[]): NeutronSeen['networks'][number] {
  const own = subnets.filter(({ network_id, enable_dhcp }) => network_id === id && enable_dhcp != null)
  return present({ id, name: name ?? '', mtu, dhcp: own.length === 0 ? undefined : own.some(({ enable_dhcp }) => enable_dhcp === true) })
}
