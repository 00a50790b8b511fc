import type { Change } from '../change.ts'
import { ImageRefusal } from '../refusal.ts'
import type { Tree } from '../tree.ts'

/**
 * One list from several that follow each other, each path once: what is removed first (contents before their folder), then folders (before their
 * contents), then the rest in its order. What would be removed and is not there vanishes.
 *
 * @param tree as it is before the first list
 * @throws ImageRefusal when a file or link shall stand where a folder is, or the other way round: there is no change for that
 */
export async function compose(tree: Tree, lists: readonly (readonly Change[])[]): Promise<Change[]> {
  const last = new Map<string, Change>()
  for (const change of lists.flat()) {
    const next = merged(last.get(change.path), change)
    last.delete(change.path) // the order is that of the last change to a path
    last.set(change.path, next)
  }
  const missing = new Set<string>()
  const removed: Change[] = []
  const folders: Change[] = []
  const rest: Change[] = []
  for (const change of last.values()) {
    // Thousands of files may lie in folders that are not there yet.
    const now = missing.has(change.path.slice(0, change.path.lastIndexOf('/'))) ? undefined : (await tree.lstat(change.path))?.type
    if (now === undefined) missing.add(change.path)
    if (change.kind === 'remove') {
      if (now !== undefined) removed.push(change)
      continue
    }
    if (now !== undefined && (change.kind === 'folder') !== (now === 'folder')) {
      throw new ImageRefusal(`${change.path} is a ${now} in the image, where a ${change.kind === 'edit' ? 'file' : change.kind} shall be; take it away in the image first`)
    }
    if (change.kind === 'folder') folders.push(change)
    else rest.push(change)
  }
  return [...removed.sort(byPath).reverse(), ...folders.sort(byPath), ...rest]
}

function merged(before: Change | undefined, change: Change): Change {
  if (change.kind === 'folder' && change.keep && before?.kind === 'folder') return before
  // What was new in an earlier list has no attributes to keep.
  if (change.kind === 'edit' && before?.kind === 'file') return { ...change, kind: 'file' }
  return change
}

const byPath = (one: Change, other: Change): number => (one.path < other.path ? -1 : one.path > other.path ? 1 : 0)
