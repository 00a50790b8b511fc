import type { Change } from './change.ts'
import { ImageRefusal } from './refusal.ts'
import { realPath, type Tree, type TreeNode } from './tree.ts'

/** A change with the place in the image where it is made, and what is there now. */
export interface Placed {
  readonly change: Change
  /** The path with the image's links resolved. */
  readonly path: string
  readonly node: TreeNode | undefined
  /** A change before this one makes the folder. */
  readonly made: boolean
}

/**
 * Folders on the way are followed through the image's links; a last link is followed only where the image's own file is edited or a folder is meant.
 * @throws ImageRefusal when links lead in circles, or a folder stands where a file belongs, or the other way round
 */
export async function placeChanges(tree: Tree, changes: readonly Change[]): Promise<Placed[]> {
  const made = new Set<string>()
  const placed: Placed[] = []
  for (const change of changes) {
    const path = await whereTo(tree, change)
    const node = await tree.lstat(path)
    const isFolder = made.has(path) || node?.type === 'folder'
    if (change.kind !== 'remove' && (node || isFolder) && (change.kind === 'folder') !== isFolder) {
      throw new ImageRefusal(`${path} in the image is ${isFolder ? 'a folder' : 'no folder'}; expected ${change.kind === 'folder' ? 'a folder' : 'a file'} there`)
    }
    placed.push({ change, path, node, made: made.has(path) })
    if (change.kind === 'folder') made.add(path)
  }
  return placed
}

async function whereTo(tree: Tree, change: Change): Promise<string> {
  const follow = change.kind === 'edit' || change.kind === 'folder'
  const cut = change.path.lastIndexOf('/')
  const folder = follow ? undefined : await realPath(tree, change.path.slice(0, cut), true)
  const path = follow ? await realPath(tree, change.path, true) : folder === undefined ? undefined : `${folder === '/' ? '' : folder}${change.path.slice(cut)}`
  if (path === undefined || path.includes('/../')) throw new ImageRefusal(`${change.path} in the image leads in circles`)
  return path
}
