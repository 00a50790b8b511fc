import { OsloConfig } from '../../../contract/oslo-config.ts'
import { checkGuestConfig } from '../../../host-server/guest-config/check.ts'
import { renderGuestConfig, type Finding } from '../../../host-server/guest-config/render.ts'
import type { GuestConfigSettings } from '../../../host-server/settings.ts'
import type { MachineSeen } from '../../evidence.ts'
import { MESSAGING, optionsSeen, readConf, transportOf, transportSeen, type Conf } from './read-conf.ts'

type GuestConfigSeen = NonNullable<MachineSeen['guest_config']>

const OPTIONS = {
  DEFAULT: ['control_exchange', 'log_file', 'log_dir', 'use_syslog', 'use_journal', 'use_stderr', 'enable_secure_rpc_messaging', 'state_change_wait_time', 'command_process_timeout', 'network_isolation'],
  network: ['network_isolation'],
  oslo_messaging_rabbit: MESSAGING,
  guest_agent: ['container_registry', 'container_registry_username'],
  ...Object.fromEntries(['mysql', 'mariadb', 'postgresql'].map((datastore) => [datastore, ['device_path', 'docker_image', 'volume_fstype', 'mount_point']])),
}

/**
 * The guests' configuration as host-server would serve it now; as it lies there where there is no host-server.
 * @returns as `faults` what would keep host-server from serving it
 */
export async function guestConfigSeen(
  path: string,
  settings: GuestConfigSettings | undefined,
  trove: Conf,
): Promise<{ seen: GuestConfigSeen; faults: MachineSeen['host_server']['faults'] }> {
  const raw = readConf(path)
  const unusable = (why: string) => ({ seen: { file: raw.file, options: {}, findings: [] }, faults: [{ part: 'guest_config', message: why }] })
  if (raw.config === undefined) return unusable(raw.file.readable ? raw.file.why! : `${path}: ${raw.file.why}`)
  let served: { config: OsloConfig; findings: readonly Finding[] }
  try {
    served = settings === undefined ? { config: raw.config, findings: checkGuestConfig(raw.config, trove.config) } : await rendered({ ...settings, path, trove_conf: trove.file.path })
  } catch (error) {
    return unusable((error as Error).message)
  }
  const { config, findings } = served
  const transport = transportSeen(config)
  const same = samePassword(config, trove.config)
  return {
    seen: {
      file: raw.file,
      ...(transport === undefined ? {} : { transport }),
      options: optionsSeen(config, OPTIONS),
      findings: findings.map(({ level, option, message, mend }) => ({ level, option, message, mend })),
      ...(same === undefined ? {} : { same_password: same }),
    },
    faults: findings
      .filter(({ level }) => level === 'error')
      .map(({ section, option, message, mend }) => ({ part: 'guest_config', message: `[${section}] ${option}: ${message}; ${mend}` })),
  }
}

async function rendered(settings: GuestConfigSettings): Promise<{ config: OsloConfig; findings: readonly Finding[] }> {
  const { text, findings } = await renderGuestConfig(settings)
  return { config: OsloConfig.parse(text, settings.path), findings }
}

/** Undefined when both sides name different users, or one names none. */
function samePassword(guest: OsloConfig, trove: OsloConfig | undefined): boolean | undefined {
  const ours = transportOf(guest)?.hosts[0]
  const theirs = trove && transportOf(trove)?.hosts.find(({ user }) => user === ours?.user)
  return ours && theirs ? ours.password.reveal() === theirs.password.reveal() : undefined
}
