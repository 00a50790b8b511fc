import { createHash } from 'node:crypto'
import { digestOf, type Change } from '../change.ts'
import { ImageRefusal } from '../refusal.ts'
import { realPath, type Tree, type TreeNode } from '../tree.ts'
import type { Before, BuildRecord, Part, Put } from './build-record.ts'
import { BEFORE, ORIGINAL_LIMIT, OWN_FOLDERS } from './own-folders.ts'
import { overlayTree } from './overlay-tree.ts'
import { settle } from './settle.ts'

export interface PutIn {
  /** With real paths, and with the originals of what they take the place of put aside. */
  readonly changes: readonly Change[]
  readonly put: readonly Put[]
  readonly removed: BuildRecord['removed']
}

/**
 * What each part puts in, and how it is taken out again.
 *
 * @param tree without anything of ours
 * @throws ImageRefusal when something stands in the way that could not be restored
 */
export async function putIn(tree: Tree, parts: readonly { readonly part: Part; readonly changes: readonly Change[] }[]): Promise<PutIn> {
  const changes: Change[] = []
  const put = new Map<string, Put>()
  const removed: BuildRecord['removed'] = []
  const originals: Change[] = []
  for (const { part, changes: wanted } of parts) {
    // A later part finds the folders that an earlier one made.
    for (const change of await settle(overlayTree(tree, changes), wanted)) {
      changes.push(change)
      const above = put.get(change.path.slice(0, change.path.lastIndexOf('/')))
      const node = above && !above.before ? undefined : await tree.lstat(change.path)
      if (change.kind === 'remove') {
        if (node?.type === 'link') removed.push({ part, path: change.path, target: node.target ?? '' })
        else if (node) throw new ImageRefusal(`${change.path} in the image is a ${node.type}; only links are taken out`)
        continue
      }
      const saved = node?.type === 'file' ? await original(tree, change.path, node) : undefined
      if (saved && !put.has(change.path)) originals.push(saved)
      const first = put.get(change.path)
      const before = node && beforeOf(node, change.path, saved?.path)
      put.set(change.path, { part: first?.part ?? part, path: change.path, ...looks(change), ...(before ? { before } : {}) })
    }
  }
  for (const own of OWN_FOLDERS) {
    const path = await realPath(tree, own)
    const node = path === undefined ? undefined : await tree.lstat(path)
    if (path !== undefined && node?.type === 'folder' && !put.has(path)) put.set(path, { part: 'daemon', path, ...looks({ kind: 'folder', ...node, path }), before: beforeOf(node, path) })
  }
  const aside: Change[] = originals.length > 0 ? [{ kind: 'folder', path: BEFORE, mode: 0o700, uid: 0, gid: 0 }, ...originals] : []
  return { changes: [...changes, ...(await settle(overlayTree(tree, changes), aside))], put: [...put.values()].sort((one, other) => (one.path < other.path ? -1 : 1)), removed }
}

async function original(tree: Tree, path: string, node: TreeNode): Promise<Extract<Change, { kind: 'file' }>> {
  if (node.size > ORIGINAL_LIMIT) throw new ImageRefusal(`${path} in the image has ${node.size} bytes and would have to be put aside; more than ${ORIGINAL_LIMIT} is not taken`)
  const saved = `${BEFORE}/${createHash('sha256').update(path).digest('hex').slice(0, 16)}`
  // It may be a secret, and its own mode comes back with it: until then it is root's alone.
  return { kind: 'file', path: saved, mode: 0o600, uid: 0, gid: 0, content: { bytes: await tree.read(path, node.size), secret: true }, note: `what ${path} was` }
}

function beforeOf(node: TreeNode, path: string, saved?: string): Before {
  const { mode, uid, gid } = node
  switch (node.type) {
    case 'file':
      return { kind: 'file', mode, uid, gid, saved: saved! }
    case 'folder':
      return { kind: 'folder', mode, uid, gid }
    case 'link':
      return { kind: 'link', target: node.target ?? '' }
    case 'other':
      throw new ImageRefusal(`${path} in the image is neither file, folder nor link; take it away in the image first`)
  }
}

function looks(change: Exclude<Change, { kind: 'remove' }>): Omit<Put, 'part' | 'path'> {
  if (change.kind === 'link') return { kind: 'link', target: change.target }
  const { mode, uid, gid } = change
  return change.kind === 'folder' ? { kind: 'folder', mode, uid, gid } : { kind: 'file', mode, uid, gid, sha256: digestOf(change.content) }
}
