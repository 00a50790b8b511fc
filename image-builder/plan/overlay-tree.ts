import { open } from 'node:fs/promises'
import { digestOf, sizeOf, type Change, type Content } from '../change.ts'
import type { Attributes, Tree, TreeNode } from '../tree.ts'

interface Laid {
  readonly change: Change
  /** What the tree below had under this path is gone. */
  readonly fresh: boolean
}

/** A tree as it will be with the changes made. Their folders are real paths (see settle.ts). */
export function overlayTree(tree: Tree, changes: readonly Change[]): Tree {
  const laid = new Map<string, Laid>()
  const names = new Map<string, Set<string>>()
  for (const change of changes) {
    const before = laid.get(change.path)
    if (change.kind === 'folder' && change.keep && before?.change.kind === 'folder') continue
    const gone = before !== undefined && (before.fresh || before.change.kind === 'remove')
    laid.set(change.path, { change, fresh: gone })
    const cut = change.path.lastIndexOf('/')
    const folder = change.path.slice(0, cut) || '/'
    if (!names.has(folder)) names.set(folder, new Set())
    names.get(folder)!.add(change.path.slice(cut + 1))
  }

  /** Whether what the tree below has at a path is still to be seen. */
  const shows = (path: string): boolean => {
    for (let cut = path.lastIndexOf('/'); cut > 0; cut = path.lastIndexOf('/', cut - 1)) {
      const above = laid.get(path.slice(0, cut))
      if (above && (above.fresh || above.change.kind !== 'folder')) return false
    }
    return laid.get(path)?.fresh !== true
  }
  const below = async (path: string): Promise<TreeNode | undefined> => (shows(path) ? await tree.lstat(path) : undefined)

  const lstat = async (path: string): Promise<TreeNode | undefined> => {
    const change = laid.get(path)?.change
    if (!change) return await below(path)
    if (change.kind === 'remove') return undefined
    if (change.kind === 'folder' && change.keep) return (await below(path)) ?? made(change)
    return made(change)
  }

  const contentAt = (path: string): Content | undefined => {
    const change = laid.get(path)?.change
    return change && 'content' in change ? change.content : undefined
  }

  return {
    lstat,
    list: async (path) => {
      const node = path === '/' ? undefined : laid.get(path)
      if (node && node.change.kind !== 'folder') return []
      const old = shows(path) ? await tree.list(path) : []
      const added = names.get(path)
      if (!added) return old
      const all = [...new Set([...old, ...added])].filter((name) => laid.get(`${path === '/' ? '' : path}/${name}`)?.change.kind !== 'remove')
      return all.sort()
    },
    read: async (path, limit) => {
      const content = contentAt(path)
      return content ? await bytesOf(content, limit) : await tree.read(path, limit)
    },
    digest: async (path) => {
      const content = contentAt(path)
      return content ? digestOf(content) : await tree.digest(path)
    },
    attributes: async (path): Promise<Attributes> => {
      const change = laid.get(path)?.change
      const kept = !change || ((change.kind === 'folder' || change.kind === 'edit') && (await below(path)) !== undefined)
      return kept ? await tree.attributes(path) : new Map()
    },
  }
}

function made(change: Exclude<Change, { kind: 'remove' }>): TreeNode {
  const common = { mtime: 0, links: 1 }
  if (change.kind === 'link') return { ...common, type: 'link', mode: 0o777, uid: 0, gid: 0, size: Buffer.byteLength(change.target), target: change.target }
  const { mode, uid, gid } = change
  return change.kind === 'folder' ? { ...common, type: 'folder', mode, uid, gid, size: 0 } : { ...common, type: 'file', mode, uid, gid, size: sizeOf(change.content) }
}

async function bytesOf(content: Content, limit: number): Promise<Buffer> {
  if ('bytes' in content) return content.bytes.subarray(0, limit)
  if ('text' in content) return Buffer.from(content.text).subarray(0, limit)
  const handle = await open(content.hostFile)
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.min(limit, content.size)), 0, Math.min(limit, content.size), 0).finally(() => handle.close())
  return buffer.subarray(0, bytesRead)
}
