import { GUEST } from '../../contract/paths.ts'
import type { System } from '../system.ts'
import { instanceData } from './instance-data.ts'
import { injectedFiles } from './user-data.ts'

/** Where Trove puts files (trove.instance.models.get_injected_files); nothing else in a user data is ours to write. */
const TROVES = /^(\/etc\/trove\/(conf\.d\/)?[A-Za-z0-9_.-]+|\/etc\/guest_info|\/etc\/docker\/daemon\.json)$/
const CLOUD_INIT_STATUS = '/run/cloud-init/status.json'

/**
 * Writes what Trove injected and cloud-init did not write. The usual reason: files are to be owned by `ubuntu`, which does not exist in the
 * image, and cloud-init gives up after the first.
 *
 * @returns paths of the files written
 */
export async function restoreInjected(system: System): Promise<string[]> {
  const { files } = system
  const guestInfo = GUEST.guestInfo.some((path) => files.stat(path) !== undefined)
  if (guestInfo && !/write.files/.test(files.text(CLOUD_INIT_STATUS) ?? '')) return []
  const data = await instanceData(system)
  const injected = data?.userData ? await injectedFiles(data.userData) : []
  const missing = injected.filter(({ path }) => TROVES.test(path) && files.stat(path) === undefined)
  for (const { path, content } of missing) files.write(path, content, { mode: path.endsWith('.json') ? 0o644 : 0o600 })
  return missing.map(({ path }) => path)
}
