import { mkdir, rename, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { holdLock } from './lock.ts'
import { removeTree } from './remove-tree.ts'
import type { Tell } from './tell.ts'

/** `TROVESTRAP_CACHE`, else `trovestrap` in `XDG_CACHE_HOME` or `~/.cache`. Whoever deletes it loses time and nothing else. */
export function cacheRoot(env: NodeJS.ProcessEnv = process.env): string {
  return env['TROVESTRAP_CACHE'] || join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'trovestrap')
}

export interface CacheEntry {
  /** The kind, and the folder's name above the digests: `base-image`. */
  readonly kind: string
  /** Hex digest of everything that decides the content. */
  readonly digest: string
  /** Fills an empty folder. When it throws, nothing stays behind. */
  build(folder: string): Promise<void>
}

/**
 * The folder of an entry; built first when it is not there. It is built beside its place and renamed when it is whole,
 * so a folder that exists is complete. Of two builders the second waits and then finds the work done.
 */
export async function cached(entry: CacheEntry, tell: Tell): Promise<string> {
  const folder = join(cacheRoot(), entry.kind, entry.digest.slice(0, 16))
  if (await exists(folder)) return folder
  await mkdir(join(cacheRoot(), entry.kind), { recursive: true })
  await using _lock = await holdLock(folder, () => tell('waiting for another process that is building it'))
  if (await exists(folder)) return folder
  const beside = `${folder}.building`
  await removeTree(beside) // what a builder that was killed left behind
  await mkdir(beside)
  try {
    await entry.build(beside)
    await rename(beside, folder)
  } catch (error) {
    await removeTree(beside)
    throw error
  }
  return folder
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
