import type { Command } from 'commander'
import { CloudError } from '../openstack/cloud-error.ts'
import { Cloud } from '../openstack/cloud.ts'
import { findCloud } from '../openstack/settings/find-cloud.ts'
import { CliError, EXIT } from './exit.ts'

const NO_CLOUD = `no cloud is known here: there is no clouds.yaml, and no OS_AUTH_URL is set.
  export OS_CLOUD=NAME                   with a clouds.yaml here, in ~/.config/openstack or in /etc/openstack
  source openrc admin admin              in a devstack; or any file that sets OS_AUTH_URL, OS_USERNAME, OS_PASSWORD, OS_PROJECT_NAME`

/** For each verb that asks OpenStack. @returns the same command */
export function withCloudOption(command: Command): Command {
  return command.option('--os-cloud <NAME>', 'which cloud of clouds.yaml (default: $OS_CLOUD, the OS_* variables, or the only one there is)')
}

/** The cloud that the command means; nothing is asked of it yet. @throws CliError that says what to type where none is known, or it cannot be understood */
export function cloudOf(command: Command): Cloud {
  const { osCloud } = command.opts<{ osCloud?: string }>()
  try {
    const settings = findCloud(osCloud)
    if (settings === undefined) throw new CliError(NO_CLOUD)
    return new Cloud(settings)
  } catch (error) {
    if (error instanceof CloudError) throw new CliError(error.message, EXIT.usage, { cause: error })
    throw error
  }
}
