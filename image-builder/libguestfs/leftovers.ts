import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

const NAME = /^libguestfs[A-Za-z0-9]{6}$/
/** A folder is made before the sockets in it are. */
const YOUNG_MS = 60_000

/**
 * Clears away the folders of sockets that libguestfs leaves when it is killed: those of this user that are old enough and whose sockets nobody has open.
 * libguestfs makes them in /tmp, or in XDG_RUNTIME_DIR for ordinary users who have one.
 */
export async function clearLeftovers(folders: readonly string[] = ['/tmp', ...(process.env['XDG_RUNTIME_DIR'] ? [process.env['XDG_RUNTIME_DIR']] : [])]): Promise<void> {
  const open = await readFile('/proc/net/unix', 'utf8')
  for (const folder of folders) {
    for (const name of await readdir(folder).catch(() => [])) {
      const path = join(folder, name)
      if (NAME.test(name) && !open.includes(`${path}/`) && (await isOursAndOld(path))) await rm(path, { recursive: true, force: true })
    }
  }
}

/** Sockets and what libguestfs puts beside them, nothing else: a folder of somebody's own may have such a name too. */
async function isOursAndOld(path: string): Promise<boolean> {
  const info = await stat(path).catch(() => undefined)
  if (!info?.isDirectory() || info.uid !== process.getuid!() || Date.now() - info.mtimeMs < YOUNG_MS) return false
  const entries = await readdir(path, { withFileTypes: true }).catch(() => undefined)
  return entries !== undefined && entries.every((entry) => entry.isSocket())
}
