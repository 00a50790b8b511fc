import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { MachineSeen } from '../../evidence.ts'
import { systemReason } from '../../system-reason.ts'
import { fileSeen, MESSAGING, optionsSeen, plainFile, transportSeen, type Conf } from './read-conf.ts'
import { templateProblem } from './template-problem.ts'

type TroveConfSeen = NonNullable<MachineSeen['trove_conf']>

const OPTIONS = {
  DEFAULT: [
    ...['control_exchange', 'usage_timeout', 'restore_usage_timeout', 'state_change_wait_time', 'agent_heartbeat_expiry', 'update_status_on_fail'],
    ...['controller_address', 'guest_config', 'guest_info', 'cloudinit_location', 'injected_config_location', 'injected_config_owner', 'injected_config_group'],
    ...['use_nova_server_config_drive', 'enable_secure_rpc_messaging', 'management_networks', 'docker_bridge_network_ip', 'docker_insecure_registries'],
    ...['network_isolation', 'device_path', 'volume_fstype', 'database_service_uid', 'conductor_queue', 'taskmanager_queue'],
  ],
  network: ['network_isolation'],
  service_credentials: ['project_name'],
  oslo_messaging_rabbit: MESSAGING,
  ...Object.fromEntries(['mysql', 'mariadb', 'postgresql'].map((datastore) => [datastore, ['device_path', 'volume_fstype', 'docker_image']])),
}
/** Trove's defaults (trove/common/cfg.py). */
const GUEST_CONFIG = '/etc/trove/trove-guestagent.conf'
const CLOUDINIT = '/etc/trove/cloudinit'
const TEMPLATES = 20
const LARGEST_TEMPLATE = 1024 * 1024

export function troveConfSeen({ file, config }: Conf, datastore: string | undefined): TroveConfSeen {
  if (config === undefined) return { file, options: {}, templates: [] }
  const transport = transportSeen(config)
  const folder = config.get('DEFAULT', 'cloudinit_location') ?? CLOUDINIT
  return {
    file,
    ...(transport === undefined ? {} : { transport }),
    options: optionsSeen(config, OPTIONS),
    guest_config: fileSeen(config.get('DEFAULT', 'guest_config') ?? GUEST_CONFIG),
    templates: globSync('*.cloudinit', { cwd: folder })
      .filter((name) => datastore === undefined || name === `${datastore}.cloudinit`)
      .sort()
      .slice(0, TEMPLATES)
      .map((name) => templateSeen(join(folder, name))),
  }
}

function templateSeen(path: string): TroveConfSeen['templates'][number] {
  try {
    if (plainFile(path).size > LARGEST_TEMPLATE) return { path, problem: `larger than ${LARGEST_TEMPLATE} bytes` }
    const problem = templateProblem(readFileSync(path, 'utf8'))
    return { path, ...(problem === undefined ? {} : { problem }) }
  } catch (error) {
    return { path, problem: systemReason(error) }
  }
}
