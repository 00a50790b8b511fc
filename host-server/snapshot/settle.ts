import { access } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { SourceSettings } from '../settings.ts'
import { git, isWorkTree } from './git.ts'
import { listTree } from './list-tree.ts'
import { look, type Look } from './look.ts'
import { TreeChanged } from './snapshot-error.ts'

/**
 * Milliseconds without a change before a tree counts as whole: a checkout or an rsync that is under way pauses for less,
 * and a second write within one tick of the file system's clock (4 ms) would leave no trace.
 */
const QUIET = 250

/**
 * Looks at a tree at a moment at which nobody writes.
 * @param quiet milliseconds; whoever is told of every write needs less than QUIET
 * @throws TreeChanged when somebody does
 */
export async function lookAtRest(root: string, source: SourceSettings, { signal, quiet = QUIET }: { signal?: AbortSignal; quiet?: number } = {}): Promise<Look> {
  const lock = await indexLock(root, signal)
  await refuseLock(lock)
  const now = await look(root, await listTree(root, source, signal), signal)
  const since = Date.now() - now.newest
  // A time in the future is a file server's clock; the comparison of two looks still holds.
  if (since >= 0 && since < quiet) {
    await wait(quiet - since, undefined, signal ? { signal } : {})
    throw new TreeChanged(`something changed ${Math.round(since)} ms ago`)
  }
  await refuseLock(lock)
  return now
}

/** git holds it while it changes the work tree. In a linked work tree it lies elsewhere. */
export async function indexLock(root: string, signal?: AbortSignal): Promise<string | undefined> {
  if (!(await isWorkTree(root))) return undefined
  return resolve(root, (await git(root, ['rev-parse', '--absolute-git-dir'], signal)).toString('utf8').trim(), 'index.lock')
}

export async function refuseLock(lock: string | undefined): Promise<void> {
  if (lock === undefined) return
  const held = await access(join(lock)).then(
    () => true,
    () => false,
  )
  if (held) throw new TreeChanged(`${lock} is there: git is at work, or was killed (then remove the file)`)
}
