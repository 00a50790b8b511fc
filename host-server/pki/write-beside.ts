import { randomBytes } from 'node:crypto'
import { closeSync, fchownSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Puts a file in its place whole or not at all, also through a power cut: written beside, synced, renamed, folder synced.
 * What root writes belongs to the folder's owner: a key that root renews has to be readable for the user that host-server runs as.
 * @param mode 0600 for everything secret, which is the default
 */
export function writeBeside(path: string, content: string | Buffer, mode = 0o600): void {
  const beside = `${path}.${randomBytes(4).toString('hex')}.tmp`
  try {
    const file = openSync(beside, 'wx', mode)
    try {
      writeFileSync(file, content)
      if (process.getuid?.() === 0) giveToOwnerOf(dirname(path), file)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(beside, path)
  } catch (error) {
    rmSync(beside, { force: true })
    throw error
  }
  syncFolder(dirname(path))
}

function giveToOwnerOf(folder: string, file: number): void {
  const { uid, gid } = statSync(folder)
  fchownSync(file, uid, gid)
}

/** A rename is on disk only once its folder is. */
export function syncFolder(path: string): void {
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}
