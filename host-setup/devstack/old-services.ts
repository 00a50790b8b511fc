/** What became of a service name: the one that took its place, or why there is none. */
export type Fate = { readonly now: string } | { readonly gone: string }

const plugin = (name: string, what: string): Fate => ({ gone: `${what} left devstack for a plugin: enable_plugin ${name} https://opendev.org/openstack/${name}` })
const OVN = 'OVN does its work, which is what devstack sets up unless told otherwise; with OVN stack.sh ends at q-agt and at q-l3'
const NOVA_NETWORK = { gone: 'nova-network is no more; Neutron (q-svc) is in the default list' }

/** Names that are still read, as of devstack 493835a (July 2026): stackrc, stack.sh and lib/. */
const KEPT =
  /^(?:key|keystone|n-(?:api|api-meta|cpu|cond|cond-cell|super-cond|sch|novnc|spice|sproxy)|placement-(?:api|client)|g-api|g-api-r|c-(?:api|sch|vol|bak)|q-(?:svc|ovn-agent|qos|trunk|metering|placement)|neutron(?:-(?:api|qos|trunk|metering|placement|segments))?|ovn-(?:controller|northd|controller-vtep)|ovs-vswitchd|ovsdb-server|horizon|rabbit|mysql|postgresql|tempest|etcd3|dstat|atop|tcpdump|memory_tracker|peakmem_tracker|file_tracker|tls-proxy|ldap|swift|s-(?:proxy|object|container|account)|s3api|openstack-cli-server)$/

const FATES: readonly (readonly [RegExp, Fate])[] = [
  [/^(?:trove|tr-(?:api|tmgr|cond))$/, { gone: 'enable_plugin trove, above, enables it' }],
  [/^trove-dashboard$/, { gone: 'enable_plugin trove-dashboard, above, enables it' }],
  [/^swift3$/, { now: 's3api' }],
  [/^quantum$/, { now: 'q-svc' }],
  [/^q-(?:agt|dhcp|l3|meta)$|^neutron-(?:agent|dhcp|l3|metadata-agent)$/, { gone: OVN }],
  [/^q-lbaas(?:v2)?$/, plugin('octavia', 'load balancing is Octavia, which')],
  [/^q-fwaas(?:-v[12])?$/, plugin('neutron-fwaas', 'the firewall service')],
  [/^q-vpn$/, plugin('neutron-vpnaas', 'the VPN service')],
  [/^n-net$/, NOVA_NETWORK],
  [/^n-(?:crt|cert|obj|xvnc|cauth|cell|cell-region|cell-child|vol)$/, { gone: 'Nova has no such service any more' }],
  [/^g-reg$/, { gone: "Glance's registry is no more; g-api reads the database itself" }],
  [/^g-(?:search|glare)$/, { gone: 'Glance has no such service any more' }],
  [/^(?:heat|h-.+)$/, plugin('heat', 'Heat')],
  [/^ceilometer(?:-.+)?$/, plugin('ceilometer', 'Ceilometer')],
  [/^aodh(?:-.+)?$/, plugin('aodh', 'Aodh')],
  [/^gnocchi(?:-.+)?$/, { gone: 'Gnocchi left devstack for a plugin: enable_plugin gnocchi https://github.com/gnocchixyz/gnocchi' }],
  [/^(?:ironic|ir-.+)$/, plugin('ironic', 'Ironic')],
  [/^(?:manila|m-.+)$/, plugin('manila', 'Manila')],
  [/^(?:barbican|barbican-.+)$/, plugin('barbican', 'Barbican')],
  [/^(?:qpid|zeromq)$/, { gone: 'RabbitMQ (rabbit) is the one broker that devstack sets up' }],
  [/^zookeeper$/, { gone: 'etcd3 took its place' }],
]

/** @returns the name itself where it is still read; undefined where nothing here knows it */
export function fateOf(service: string): Fate | undefined {
  return KEPT.test(service) ? { now: service } : FATES.find(([name]) => name.test(service))?.[1]
}
