import type { MachineSeen } from '../../../diagnosis/evidence.ts'
import type { HostSeen } from '../../../diagnosis/host-seen.ts'
import { NOBODY, examine, type Examination } from '../../../diagnosis/doctor/examine.ts'
import { evidenceOf, type Given } from '../evidence-of.ts'

const TRANSPORT = { hosts: [{ host: '10.0.0.1', port: 5672, user: 'trove' }], vhost: 'trove', tls: false }

const HOST: HostSeen = {
  addresses: ['10.0.0.1', '192.0.2.7'],
  aliases: [],
  listeners: { 15555: 'node', 5672: 'beam.smp' },
  services: { 'trove-api': [11], 'trove-taskmanager': [12], 'trove-conductor': [13] },
  clock: { synchronised: true, from: 'chronyc tracking' },
  disks: [{ mount: '/var/lib/trovestrap', holds: ["host-server's state", "Glance's images"], size: 100e9, free: 60e9, inodes: 1e6, inodes_free: 9e5 }],
  keys: [{ path: '/var/lib/trovestrap/pki/server.pem', mode: '0600' }],
  filter: { from: 'nft list ruleset', input: 'accept', forward: 'accept', closed: [], forwards: 'yes', masquerades: ['10.0.0.0/24'] },
  forwarding: true,
}

const MACHINE = {
  listening: [{ address: '::', port: 15555 }, { address: '0.0.0.0', port: 5672 }, { address: '0.0.0.0', port: 9696 }],
  host_server: {
    configured: true,
    config_file: '/etc/trovestrap/config.yaml',
    port: 15555,
    names: ['10.0.0.1'],
    listening: true,
    source: '/opt/stack/trove',
    state: '/var/lib/trovestrap',
    certificate: { names: ['10.0.0.1', 'localhost'], until: '2027-08-01T12:00:00.000Z' },
  },
  trove_conf: { transport: { ...TRANSPORT, hosts: [{ host: '127.0.0.1', port: 5672, user: 'trove' }] }, options: { control_exchange: 'trove', injected_config_owner: 'root' }, guest_config: { path: '/etc/trove/trove-guestagent.conf', readable: true }, templates: [{ path: '/etc/trove/cloudinit/mysql.cloudinit' }] },
  guest_config: { transport: TRANSPORT, options: { control_exchange: 'trove' } },
} satisfies Given['machine']

const idle = { present: true, messages: 0, consumers: 1 }

/** All that doctor looks at, and all of it well. */
export const WELL = {
  broker: { host: '127.0.0.1', product: 'RabbitMQ 3.10.8', queues: { taskmanager: idle, 'trove-conductor': idle }, exchanges: { trove: true }, guests: { host: '10.0.0.1', port: 5672, vhost: 'trove', user: 'trove', tls: false } },
  broker_log: [],
  trove: { from: 'api', login: { project: 'admin', admin: true }, versions: [{ id: 'v1', datastore: 'mysql', version: '8.0.32', active: true, default: true, image_id: 'i1', tags: [], image: { id: 'i1', name: 'trove-guest', status: 'active', disk: 4, ram: 0 } }] },
  nova: {
    services: ['nova-conductor', 'nova-scheduler', 'nova-compute'].map((binary) => ({ binary, host: 'ctl', state: 'up', status: 'enabled' })),
    flavors: [{ id: '2', name: 'db.small', disk: 6, ram: 1024 }],
    quotas: [{ project: 'service', resource: 'instances', limit: 10, used: 2 }],
  },
  neutron: { agents: [{ type: 'DHCP agent', host: 'ctl', alive: true, enabled: true }], quotas: [{ project: 'service', resource: 'ports', limit: 500, used: 9 }] },
} satisfies Given

interface Differs {
  machine?: Partial<Omit<MachineSeen, 'host_server' | 'trove_conf' | 'guest_config' | 'host'>>
  host_server?: Partial<MachineSeen['host_server']>
  trove_conf?: Partial<NonNullable<MachineSeen['trove_conf']>>
  guest_config?: Partial<NonNullable<MachineSeen['guest_config']>>
  host?: Partial<HostSeen>
  broker?: Partial<NonNullable<Given['broker']>>
  broker_log?: string[]
  trove?: Partial<NonNullable<Given['trove']>>
  nova?: Partial<NonNullable<Given['nova']>>
  neutron?: Partial<NonNullable<Given['neutron']>>
  /** Not looked at, and why. */
  without?: Partial<Record<'machine' | 'broker' | 'trove' | 'nova' | 'neutron', string>>
}

/** What doctor says of a host that is well but for this. */
export function examined({ machine, host_server, trove_conf, guest_config, host, without = {}, ...others }: Differs = {}): Examination {
  const evidence = evidenceOf({
    ...WELL,
    ...(others.broker && { broker: { ...WELL.broker, ...others.broker } }),
    ...(others.broker_log && { broker_log: others.broker_log }),
    ...(others.trove && { trove: { ...WELL.trove, ...others.trove } as NonNullable<Given['trove']> }),
    ...(others.nova && { nova: { ...WELL.nova, ...others.nova } }),
    ...(others.neutron && { neutron: { ...WELL.neutron, ...others.neutron } }),
    machine: {
      ...MACHINE,
      ...machine,
      host: { ...HOST, ...host },
      host_server: { ...MACHINE.host_server, ...host_server },
      trove_conf: { ...MACHINE.trove_conf, ...trove_conf },
      guest_config: { ...MACHINE.guest_config, ...guest_config },
    },
  })
  const left = Object.fromEntries(Object.entries(evidence).filter(([key]) => !(key in without))) as typeof evidence
  const looked = { ...evidence.looked, ...Object.fromEntries(Object.entries(without).map(([source, why]) => [source, { seen: false, why, took: 0 }])) }
  return examine({ ...left, instance: NOBODY, looked })
}
