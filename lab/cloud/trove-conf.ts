import { randomBytes } from 'node:crypto'
import type { Secret } from '../../contract/secret.ts'
import { PATIENCE } from '../trove-config.ts'
import { databaseUrl, login, tokenCheck, type Account } from './accounts.ts'
import { HOST } from './network.ts'
import { osloConf } from './oslo-conf.ts'
import { PORTS } from './ports.ts'

export interface TroveParts {
  /** Of the programs' logs. */
  readonly dir: string
  readonly own: Account
  readonly transportUrl: Secret
  /** Neutron's id. */
  readonly managementNetwork: string
  readonly guestAgentConf: string
}

/** The trove.conf of trove-api, trove-conductor and trove-taskmanager. */
export function troveConf({ own, transportUrl, managementNetwork, guestAgentConf }: TroveParts): string {
  const { auth_type: _, ...credentials } = login(own)
  return osloConf({
    DEFAULT: {
      debug: true,
      bind_host: HOST,
      bind_port: PORTS.trove,
      transport_url: transportUrl.reveal(),
      control_exchange: 'trove',
      // trove-conductor takes nothing but an address here
      host: HOST,
      trove_api_workers: 1,
      trove_conductor_workers: 1,
      // the published defaults of these are no secret
      inst_rpc_key_encr_key: randomBytes(16).toString('hex'),
      taskmanager_rpc_encr_key: randomBytes(16).toString('hex'),
      api_paste_config: '/etc/trove/api-paste.ini',
      default_datastore: 'mysql',
      network_driver: 'trove.network.neutron.NeutronDriver',
      management_networks: managementNetwork,
      controller_address: HOST,
      guest_config: guestAgentConf,
      use_nova_server_config_drive: true,
      // the default, ubuntu, is no user of a Debian guest, and cloud-init then writes nothing after the first file
      injected_config_owner: 'root',
      ...PATIENCE,
      reboot_time_out: 600,
    },
    database: { connection: databaseUrl(own) },
    keystone_authtoken: tokenCheck(own),
    service_credentials: credentials,
    // the flavor's ephemeral disk is the guest's second one: there is no Cinder
    mysql: { volume_support: false },
    oslo_policy: { policy_dirs: '/etc/trove/policy.d' },
    cache: { enabled: false },
  })
}
