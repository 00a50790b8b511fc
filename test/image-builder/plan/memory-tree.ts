import { createHash } from 'node:crypto'
import type { Change, Content } from '../../../image-builder/change.ts'
import type { Tree, TreeNode } from '../../../image-builder/tree.ts'

interface Entry {
  readonly type: 'file' | 'folder' | 'link'
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly bytes: Buffer
  readonly target?: string
  readonly attributes?: ReadonlyMap<string, Buffer>
}

/** Content of a file, `-> target` of a link, or an empty folder. */
export type Planted = string | Buffer | { readonly folder: true; readonly mode?: number; readonly uid?: number; readonly gid?: number } | { readonly text: string; readonly mode?: number; readonly uid?: number; readonly gid?: number; readonly attributes?: Record<string, string> }

export interface MemoryTree extends Tree {
  readonly entries: ReadonlyMap<string, Entry>
}

/** @param planted by path; folders above are made; undefined takes away what `from` has */
export function memoryTree(planted: Readonly<Record<string, Planted | undefined>>, from?: MemoryTree): MemoryTree {
  const entries = new Map<string, Entry>(from?.entries)
  const plant = (path: string, entry: Entry): void => {
    const above = path.slice(0, path.lastIndexOf('/'))
    if (above !== '' && !entries.has(above)) plant(above, { type: 'folder', mode: 0o755, uid: 0, gid: 0, bytes: Buffer.alloc(0) })
    if (above !== '' && entries.get(above)!.type !== 'folder') throw new Error(`${above} is no folder`)
    entries.set(path, entry)
  }
  for (const [path, value] of Object.entries(planted)) {
    if (value === undefined) entries.delete(path)
    else plant(path, entryOf(value))
  }
  return over(entries)
}

function entryOf(value: Planted): Entry {
  const root = { uid: 0, gid: 0, bytes: Buffer.alloc(0) }
  if (typeof value === 'string' && value.startsWith('-> ')) return { ...root, type: 'link', mode: 0o777, target: value.slice(3) }
  if (typeof value === 'string' || Buffer.isBuffer(value)) return { ...root, type: 'file', mode: 0o644, bytes: Buffer.from(value) }
  const { mode, uid = 0, gid = 0 } = value
  if ('folder' in value) return { ...root, type: 'folder', mode: mode ?? 0o755, uid, gid }
  const attributes = new Map(Object.entries(value.attributes ?? {}).map(([name, text]) => [name, Buffer.from(text)]))
  return { type: 'file', mode: mode ?? 0o644, uid, gid, bytes: Buffer.from(value.text), attributes }
}

function over(entries: ReadonlyMap<string, Entry>): MemoryTree {
  const at = (path: string): Entry => {
    const entry = entries.get(path)
    if (!entry) throw new Error(`there is no ${path}`)
    return entry
  }
  return {
    entries,
    lstat: async (path) => {
      if (path === '/') return { type: 'folder', mode: 0o755, uid: 0, gid: 0, size: 0, mtime: 0, links: 1 } satisfies TreeNode
      const entry = entries.get(path)
      if (!entry) return undefined
      const { type, mode, uid, gid, bytes, target } = entry
      return { type, mode, uid, gid, size: bytes.length, mtime: 0, links: 1, ...(target === undefined ? {} : { target }) }
    },
    list: async (path) => namesIn(entries, path),
    read: async (path, limit) => at(path).bytes.subarray(0, limit),
    digest: async (path) => createHash('sha256').update(at(path).bytes).digest('hex'),
    attributes: async (path) => at(path).attributes ?? new Map<string, Buffer>(),
  }
}

function namesIn(entries: ReadonlyMap<string, Entry>, path: string): string[] {
  const start = path === '/' ? '/' : `${path}/`
  return [...entries.keys()].filter((other) => other.startsWith(start) && !other.slice(start.length).includes('/')).map((other) => other.slice(start.length)).sort()
}

/** The tree with the changes made, strictly as change.ts defines them; throws where a way could not make them. */
export function applied({ entries: before }: MemoryTree, changes: readonly Change[]): MemoryTree {
  const entries = new Map(before)
  const paths = changes.map(({ path }) => path)
  if (new Set(paths).size !== paths.length) throw new Error(`a path more than once: ${paths.filter((path, index) => paths.indexOf(path) !== index).join(' ')}`)
  for (const change of changes) {
    const { path } = change
    const there = entries.get(path)
    const above = path.slice(0, path.lastIndexOf('/'))
    if (above !== '' && entries.get(above)?.type !== 'folder') throw new Error(`${change.kind} ${path}: ${above} is no folder`)
    if (change.kind === 'remove') {
      if (!there) throw new Error(`remove ${path}: it is not there`)
      if (there.type === 'folder' && namesIn(entries, path).length > 0) throw new Error(`remove ${path}: ${namesIn(entries, path).join(' ')} in it`)
      entries.delete(path)
      continue
    }
    if (there && (change.kind === 'folder') !== (there.type === 'folder')) throw new Error(`${change.kind} ${path}: a ${there.type} is there`)
    if (change.kind === 'edit' && !there) throw new Error(`edit ${path}: it is not there`)
    if (change.kind === 'folder' && change.keep && there) continue
    const old = change.kind === 'edit' || change.kind === 'folder' ? there?.attributes : undefined
    entries.set(path, { ...entryFor(change), ...(old ? { attributes: old } : {}) })
  }
  return over(entries)
}

function entryFor(change: Exclude<Change, { kind: 'remove' }>): Entry {
  if (change.kind === 'link') return { type: 'link', mode: 0o777, uid: 0, gid: 0, bytes: Buffer.alloc(0), target: change.target }
  const { mode, uid, gid } = change
  return { type: change.kind === 'folder' ? 'folder' : 'file', mode, uid, gid, bytes: change.kind === 'folder' ? Buffer.alloc(0) : bytesOf(change.content) }
}

function bytesOf(content: Content): Buffer {
  return 'text' in content ? Buffer.from(content.text) : 'bytes' in content ? content.bytes : Buffer.from(content.hostFile)
}

/** For comparing: each path with all there is to it. */
export function listing({ entries }: MemoryTree): Record<string, string> {
  const lines = [...entries].map(([path, { type, mode, uid, gid, bytes, target, attributes }]) => {
    const content = type === 'file' ? ` ${bytes.length < 2000 ? JSON.stringify(bytes.toString('latin1')) : createHash('sha256').update(bytes).digest('hex')}` : ''
    const names = [...(attributes ?? [])].map(([name, value]) => ` ${name}=${value}`).join('')
    return [path, `${type} ${mode.toString(8)} ${uid}:${gid}${content}${target === undefined ? '' : ` -> ${target}`}${names}`] as const
  })
  return Object.fromEntries(lines.sort(([one], [other]) => (one < other ? -1 : 1)))
}
