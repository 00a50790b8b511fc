import { statSync } from 'node:fs'
import { GuestConfigError, renderGuestConfig } from '../../host-server/guest-config/render.ts'
import { loadSettings, SettingsError, type Settings, type SettingsFault } from '../../host-server/settings.ts'
import { OsloConfigError } from '../../contract/oslo-config.ts'
import type { Run } from '../run-command.ts'
import { idsOf } from './host-accounts.ts'

/** Keeps host-server from starting: what the configuration lacks, and what its user may not read. Nobody is asked but the file system. */
export async function configurationFaults(file: string, user: string, run: Run): Promise<SettingsFault[]> {
  let settings: Settings
  try {
    settings = loadSettings(file, { paths: true })
  } catch (error) {
    if (error instanceof SettingsError) return [...error.faults]
    throw error
  }
  const needed = [
    { key: 'source.path', path: settings.source.path },
    { key: 'guest_config.path', path: settings.guest_config.path },
    ...(settings.openstack?.clouds_file === undefined ? [] : [{ key: 'openstack.clouds_file', path: settings.openstack.clouds_file }]),
  ]
  const faults: SettingsFault[] = []
  for (const { key, path } of needed) if (!(await mayRead(user, path, run))) faults.push({ key, problem: `${path} is not readable by user ${user}: sudo -u ${user} ls ${path}` })
  return [...faults, ...(await guestConfigFaults(settings))]
}

/** With which host-server would refuse to start. Its user may not read trove.conf, and compares nothing then; root does. */
async function guestConfigFaults({ guest_config }: Settings): Promise<SettingsFault[]> {
  try {
    const { findings } = await renderGuestConfig(guest_config)
    return findings.filter(({ level }) => level === 'error').map(({ section, option, message, mend }) => ({ key: `[${section}] ${option}`, problem: `${message}; ${mend}` }))
  } catch (error) {
    if (error instanceof GuestConfigError || error instanceof OsloConfigError) return [{ key: 'guest_config', problem: error.message }]
    throw error
  }
}

async function mayRead(user: string, path: string, run: Run): Promise<boolean> {
  const tests = statSync(path).isDirectory() ? ['-r', path, '-a', '-x', path] : ['-r', path]
  try {
    await run({ program: 'setpriv', args: ['--reuid', user, '--regid', String(idsOf(user, (path) => path)?.gid ?? user), '--init-groups', '--', 'test', ...tests] })
    return true
  } catch {
    return false
  }
}
