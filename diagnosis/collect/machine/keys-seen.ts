import { statSync } from 'node:fs'
import { stateFolder } from '../../../host-server/state-folder.ts'
import type { HostSeen } from '../../host-seen.ts'

/** Files of host-server that hold a secret, with their modes as `chmod` takes them. What is missing has other causes. */
export function keysSeen(state: string): HostSeen['keys'] {
  const { caKey, server, signingKey, operatorToken, database } = stateFolder(state)
  return [caKey, server, signingKey, operatorToken, database].flatMap((path) => {
    try {
      return [{ path, mode: (statSync(path).mode & 0o777).toString(8).padStart(4, '0') }]
    } catch {
      return []
    }
  })
}
