import { createHash } from 'node:crypto'
import type { Tree, TreeNode } from '../../../image-builder/tree.ts'

/** Content, `-> target` of a link, or a file or folder (no content) with its mode and owner. */
export type Entry = string | Buffer | { readonly content?: string | Buffer; readonly mode?: number; readonly uid?: number }
/** By absolute path; undefined leaves out what another has. */
export type Entries = Readonly<Record<string, Entry | undefined>>

/** A tree that lies in no image. Folders above what is given are there by themselves. */
export function memoryTree(entries: Entries): Tree {
  const nodes = new Map<string, { node: TreeNode; content: Buffer }>([['/', folder(0o755)]])
  for (const [path, entry] of Object.entries(entries)) {
    if (entry === undefined) continue
    const parts = path.split('/').slice(1)
    for (let depth = 1; depth < parts.length; depth++) {
      const above = `/${parts.slice(0, depth).join('/')}`
      if (!nodes.has(above)) nodes.set(above, folder(0o755))
    }
    nodes.set(path, made(entry))
  }
  return {
    lstat: async (path) => nodes.get(path)?.node,
    async list(path) {
      const start = path === '/' ? '/' : `${path}/`
      return [...nodes.keys()].filter((name) => name !== '/' && name.startsWith(start) && !name.slice(start.length).includes('/')).map((name) => name.slice(start.length)).sort()
    },
    read: async (path, limit) => nodes.get(path)!.content.subarray(0, limit),
    digest: async (path) => createHash('sha256').update(nodes.get(path)!.content).digest('hex'),
    attributes: async () => new Map(),
  }
}

function made(entry: Entry): { node: TreeNode; content: Buffer } {
  if (typeof entry === 'string' && entry.startsWith('-> ')) return { node: { ...NODE, type: 'link', mode: 0o777, target: entry.slice(3) }, content: Buffer.alloc(0) }
  const { content, mode, uid = 0 } = typeof entry === 'string' || Buffer.isBuffer(entry) ? { content: entry } : entry
  if (content === undefined) return folder(mode ?? 0o755, uid)
  const bytes = Buffer.from(content)
  return { node: { ...NODE, type: 'file', mode: mode ?? 0o644, uid, size: bytes.length }, content: bytes }
}

const NODE = { uid: 0, gid: 0, size: 0, mtime: 0, links: 1 } as const
const folder = (mode: number, uid = 0): { node: TreeNode; content: Buffer } => ({ node: { ...NODE, type: 'folder', mode, uid }, content: Buffer.alloc(0) })
