import { createHash } from 'node:crypto'
import type { Files, FileSink, FileStat } from '../guest-bootstrap/system.ts'

/** A guest's small files in memory. Of a source tree only names are kept: its contents are unpacked and hashed as ever, and then dropped. */
export function filesInMemory(injected: Readonly<Record<string, string>>, shared: Map<string, Buffer>): Files {
  const kept = new Map<string, Buffer>()
  const links = new Map<string, string>()
  const folders = new Set<string>()
  const parts = new Map<string, Buffer[]>()
  const put = (path: string, content: string | Uint8Array): void => void kept.set(path, once(Buffer.from(content), shared))
  for (const [path, text] of Object.entries(injected)) put(path, text)
  const below = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`)
  const known = (): string[] => [...kept.keys(), ...links.keys(), ...folders, ...parts.keys()]
  const files: Files = {
    text: (path) => kept.get(path)?.toString('utf8'),
    bytes: (path) => kept.get(path),
    pieces: (path) => parts.get(path) ?? [],
    stat(path) {
      if (links.has(path)) return stat('link', 0)
      if (kept.has(path)) return stat('file', kept.get(path)!.length)
      if (parts.has(path)) return stat('file', parts.get(path)!.reduce((sum, { length }) => sum + length, 0))
      return folders.has(path) ? stat('folder', 0) : undefined
    },
    link: (path) => links.get(path),
    list: (folder) => [...new Set(known().flatMap((path) => (path.startsWith(`${folder}/`) ? [path.slice(folder.length + 1).split('/')[0]!] : [])))].sort(),
    write: put,
    create: () => DROPPED,
    extend(path) {
      const own = parts.get(path) ?? []
      parts.set(path, own)
      return { write: (bytes) => void own.push(Buffer.from(bytes)), close() {} }
    },
    folder: (path) => void folders.add(path),
    point: (path, target) => void links.set(path, target),
    symlink() {},
    share: () => false,
    rename(from, to) {
      for (const path of [...folders]) if (below(path, from)) folders.add(to + path.slice(from.length)) && folders.delete(path)
    },
    remove(gone) {
      for (const path of known()) {
        if (below(path, gone)) for (const all of [kept, links, folders, parts]) all.delete(path)
      }
    },
    own() {},
    free: () => Number.MAX_SAFE_INTEGER,
    flush: async () => {},
  }
  return files
}

const DROPPED: FileSink = { write() {}, close() {} }

const stat = (kind: FileStat['kind'], size: number): FileStat => ({ kind, mode: 0o644, size, uid: 0, gid: 0 })

/** Hundreds of guests in one process keep the same manifest. */
function once(bytes: Buffer, shared: Map<string, Buffer>): Buffer {
  const digest = createHash('sha256').update(bytes).digest('hex')
  const known = shared.get(digest) ?? bytes
  shared.set(digest, known)
  return known
}
