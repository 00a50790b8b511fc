import { secretsIn } from '../../../contract/known-secrets.ts'
import { readConf } from './read-conf.ts'

/** What stands in these files and must never leave this host. A file that cannot be read has none. */
export function knownSecrets({ troveConf, guestConfig }: { troveConf?: string | undefined; guestConfig?: string | undefined }): string[] {
  return secretsIn([troveConf, guestConfig].flatMap((path) => (path === undefined ? [] : (readConf(path).config ?? []))))
}
