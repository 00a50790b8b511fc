import { join } from 'node:path'
import type { Secret } from '../../contract/secret.ts'
import { databaseUrl, login, tokenCheck, type Account } from './accounts.ts'
import { GLANCE_URL } from './glance.ts'
import { HOST } from './network.ts'
import { osloConf, type Options } from './oslo-conf.ts'
import { PORTS } from './ports.ts'

export interface NovaParts {
  readonly dir: string
  readonly own: Account
  readonly placement: Account
  readonly neutron: Account
  readonly transportUrl: Secret
}

/** Of nova-api, nova-conductor and nova-scheduler. */
export function novaConf(parts: NovaParts): string {
  return osloConf({
    ...common(parts),
    api_database: { connection: databaseUrl(parts.own, 'nova_api') },
    database: { connection: databaseUrl(parts.own) },
  })
}

/** Of nova-compute, which refuses to know a database. */
export function novaComputeConf(parts: NovaParts, config: string): string {
  // without it sudo and rootwrap are asked for what root may do
  const privileged = { helper_command: `privsep-helper --config-file ${config}` }
  const { DEFAULT, ...sections } = common(parts)
  return osloConf({
    DEFAULT: {
      ...DEFAULT,
      compute_driver: 'libvirt.LibvirtDriver',
      instances_path: join(parts.dir, 'instances'),
      config_drive_format: 'iso9660',
      force_config_drive: true,
      // the copy of an image that guests stand on stays as it came: making it raw takes ten seconds
      force_raw_images: false,
      resume_guests_state_on_host_boot: false,
      reserved_host_memory_mb: 512,
      ram_allocation_ratio: 2,
      // nobody tells that a port is plugged: there is no agent
      vif_plugging_is_fatal: false,
      vif_plugging_timeout: 0,
    },
    ...sections,
    libvirt: { virt_type: 'qemu', connection_uri: 'qemu:///system', images_type: 'qcow2', cpu_mode: 'none', disk_cachemodes: 'file=unsafe' },
    privsep: privileged,
    nova_sys_admin: privileged,
    vif_plug_linux_bridge_privileged: privileged,
    os_brick: { lock_path: parts.dir },
  })
}

function common({ dir, own, placement, neutron, transportUrl }: NovaParts): Record<string, Options> {
  return {
    DEFAULT: {
      transport_url: transportUrl.reveal(),
      enabled_apis: 'osapi_compute',
      osapi_compute_listen: HOST,
      osapi_compute_listen_port: PORTS.nova,
      osapi_compute_workers: 1,
      my_ip: HOST,
      host: 'lab',
      state_path: dir,
      periodic_fuzzy_delay: 0,
    },
    api: { auth_strategy: 'keystone' },
    conductor: { workers: 1 },
    // a compute host is taken into its cell by itself, and not after a random delay of up to a minute
    scheduler: { workers: 1, discover_hosts_in_cells_interval: 2 },
    keystone_authtoken: tokenCheck(own),
    placement: login(placement),
    neutron: login(neutron),
    glance: { api_servers: GLANCE_URL },
    vnc: { enabled: false },
    oslo_concurrency: { lock_path: dir },
    oslo_policy: { policy_dirs: '/etc/nova/policy.d' },
    wsgi: { api_paste_config: '/etc/nova/api-paste.ini' },
    cache: { enabled: false },
  }
}
