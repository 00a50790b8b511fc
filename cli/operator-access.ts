import { isIPv6 } from 'node:net'
import { stateFolder } from '../host-server/state-folder.ts'
import type { OperatorAccess } from './operator-client.ts'
import { settingsOrExplain } from './settings-file.ts'

/**
 * How an operator on this host reaches host-server: where it listens, which is loopback too unless one address is configured, with the token from the state folder.
 * @param file the host's configuration
 * @param url where the server listens, when not on this host's configured port
 */
export function operatorAccess(file: string, url?: string): OperatorAccess {
  const { listen, state } = settingsOrExplain(file, 'nothing was asked')
  const { ca, operatorToken } = stateFolder(state)
  return { url: url ?? `https://${reachable(listen.address)}:${listen.port}`, caFile: ca, tokenFile: operatorToken }
}

/** For a URL. */
function reachable(address: string): string {
  if (address === '0.0.0.0' || address === '::') return '127.0.0.1'
  return isIPv6(address) ? `[${address}]` : address
}
