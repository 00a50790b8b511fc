import { CloudError } from '../../openstack/cloud-error.ts'
import { Cloud } from '../../openstack/cloud.ts'
import type { CloudSettings } from '../../openstack/settings/cloud-settings.ts'
import type { Surroundings } from '../../openstack/settings/clouds-file.ts'
import { cloudOfEnvironment } from '../../openstack/settings/environment.ts'
import { findCloud, here } from '../../openstack/settings/find-cloud.ts'
import { readCloud } from '../../openstack/settings/read-cloud.ts'
import type { OpenStackSettings, Settings } from '../settings.ts'
import { SetupError } from '../setup-error.ts'
import { Attestor, type AttestorOptions } from './attestor.ts'

/**
 * Asks nothing yet.
 * @returns undefined where no cloud is configured
 * @throws SetupError in one line: the cloud is not in clouds.yaml, has no password, names a CA file that is not there …
 */
export function makeAttestor({ openstack }: Pick<Settings, 'openstack'>, options: AttestorOptions = {}, around: Surroundings = here()): Attestor | undefined {
  if (openstack === undefined) return undefined
  try {
    return new Attestor(new Cloud(cloudOf(openstack, around)), options)
  } catch (error) {
    if (error instanceof CloudError) throw new SetupError(`openstack: ${error.message}`, { cause: error })
    throw error
  }
}

function cloudOf({ cloud, clouds_file, from_environment }: OpenStackSettings, around: Surroundings): CloudSettings {
  const { env } = around
  if (from_environment) {
    if (!env['OS_AUTH_URL']) throw new CloudError('from_environment is true, and OS_AUTH_URL is not set for host-server; EnvironmentFile= in its unit may set it')
    return readCloud(cloudOfEnvironment(env), undefined, 'OS_* variables')
  }
  const found = findCloud(cloud, clouds_file === undefined ? around : { ...around, env: { ...env, OS_CLIENT_CONFIG_FILE: clouds_file } })
  // The usual places stand behind a file that is named, and this one was.
  if (found === undefined || (clouds_file !== undefined && found.from !== clouds_file)) throw new CloudError(`there is no ${clouds_file ?? 'clouds.yaml'}`)
  return found
}
