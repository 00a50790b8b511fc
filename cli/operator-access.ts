import { findSettingsFile, usualPlaces } from '../host-server/settings/find-file.ts'
import { loadSettings } from '../host-server/settings.ts'
import { stateFolder } from '../host-server/state-folder.ts'
import { CliError } from './exit.ts'
import type { OperatorAccess } from './operator-client.ts'

/**
 * How an operator on this host reaches host-server: over loopback, with the token from the state folder.
 * @param config the file named by --config
 * @param url where the server listens, when not on this host's configured port
 */
export function operatorAccess(config: string | undefined, url?: string): OperatorAccess {
  const file = findSettingsFile(config)
  if (file === undefined) {
    throw new CliError(`no configuration file: none was named, and there is none at ${usualPlaces().join(', ')}\n  trovestrap init        makes one`)
  }
  const { listen, state } = loadSettings(file)
  const { ca, operatorToken } = stateFolder(state)
  return { url: url ?? `https://127.0.0.1:${listen.port}`, caFile: ca, tokenFile: operatorToken }
}
