import { mkdir, readdir, rename, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { holdLock } from './lock.ts'
import { removeTree } from './remove-tree.ts'
import type { Tell } from './tell.ts'

/** Entries of one kind that are kept. */
const KEPT = 2

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
    await forgetOlder(join(cacheRoot(), entry.kind))
  } catch (error) {
    await removeTree(beside)
    throw error
  }
  return folder
}

/** A recipe that changes would fill the disk otherwise. The last one stays beside the new: a guest may still run from it. */
async function forgetOlder(kind: string): Promise<void> {
  const names = (await readdir(kind)).filter((name) => /^[0-9a-f]{16}$/.test(name))
  const dated = await Promise.all(names.map(async (name) => ({ name, made: (await stat(join(kind, name))).mtimeMs })))
  const old = dated.toSorted((a, b) => b.made - a.made).slice(KEPT)
  await Promise.all(old.map(({ name }) => removeTree(join(kind, name))))
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
