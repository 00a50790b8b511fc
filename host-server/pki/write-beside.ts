import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Puts a file in its place whole or not at all, also through a power cut: written beside, synced, renamed, folder synced.
 * @param mode 0600 for everything secret, which is the default
 */
export function writeBeside(path: string, content: string | Buffer, mode = 0o600): void {
  const beside = `${path}.${randomBytes(4).toString('hex')}.tmp`
  try {
    const file = openSync(beside, 'wx', mode)
    try {
      writeFileSync(file, content)
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

/** A rename is on disk only once its folder is. */
export function syncFolder(path: string): void {
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}
