import { statSync } from 'node:fs'
import { loadSettings, SettingsError, type Settings, type SettingsFault } from '../../host-server/settings.ts'
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
  return faults
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
