import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Secret } from '../../contract/secret.ts'
import type { Service } from '../service.ts'
import { databaseUrl, tokenCheck, type Account } from './accounts.ts'
import { HOST } from './network.ts'
import { answering, program, writeConf } from './openstack-program.ts'
import { osloConf } from './oslo-conf.ts'
import { PORTS } from './ports.ts'

const NEUTRON_URL = `http://${HOST}:${PORTS.neutron}`

/** Environment in which Python finds the lab's own drivers. */
export const NEUTRON_DRIVERS = { PYTHONPATH: join(import.meta.dirname, 'neutron-drivers') }

/** Where ports are bound; the name that Nova and Neutron have for the one machine. */
export const NEUTRON_HOST = 'lab'

/** ML2 with a driver that binds every port to the bridge of its network, so servers need no agent. Needs its tables and RabbitMQ. */
export async function startNeutron(dir: string, own: Account, transportUrl: Secret): Promise<Service> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const config = await writeConf(join(dir, 'neutron.conf'), neutronConf(dir, own, transportUrl))
  const neutron = program({ name: 'neutron-server', dir, args: ['--config-file', config], env: NEUTRON_DRIVERS, ...answering(`${NEUTRON_URL}/`) })
  await neutron.start()
  return neutron
}

export function neutronConf(dir: string, own: Account, transportUrl: Secret): string {
  return osloConf({
    DEFAULT: {
      host: NEUTRON_HOST,
      bind_host: HOST,
      bind_port: PORTS.neutron,
      core_plugin: 'ml2',
      service_plugins: 'router,port_forwarding',
      transport_url: transportUrl.reveal(),
      api_workers: 1,
      // for the L3 agent
      rpc_workers: 1,
      notify_nova_on_port_status_changes: false,
      notify_nova_on_port_data_changes: false,
      state_path: dir,
      api_paste_config: '/etc/neutron/api-paste.ini',
      auth_strategy: 'keystone',
    },
    database: { connection: databaseUrl(own) },
    keystone_authtoken: tokenCheck(own),
    oslo_concurrency: { lock_path: dir },
    oslo_policy: { policy_dirs: '/etc/neutron/policy.d' },
    ml2: { type_drivers: 'local', tenant_network_types: 'local', mechanism_drivers: 'bind_all', extension_drivers: 'port_security' },
  })
}
