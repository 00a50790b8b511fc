import { lstatSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as others } from 'node:timers/promises'
import { SnapshotError } from './snapshot-error.ts'

/** A file or link as it stood at one moment. Two looks that are equal mean: not touched between them. */
export interface Seen {
  readonly path: string
  readonly type: 'file' | 'link'
  readonly mode: number
  readonly size: number
  /** Of a link. */
  readonly target: string
  /** Inode, times in nanoseconds: what changes when anybody writes. */
  readonly trace: string
}

export interface Look {
  readonly seen: readonly Seen[]
  /** Newest change of anything in the tree or of a folder that holds it, milliseconds since 1970. */
  readonly newest: number
}

/** Paths between two turns of the event loop: about a millisecond. Asynchronous calls would take ten times as long in all. */
const TURN = 500

/** Looks at every path. What is gone, or lies behind a folder that became a link, is absent. */
export async function look(root: string, paths: readonly string[], signal?: AbortSignal): Promise<Look> {
  const seen: Seen[] = []
  const folders = new Map<string, boolean>([['', true]])
  let newest = 0
  const note = (time: bigint) => (newest = Math.max(newest, Number(time / 1_000_000n)))
  for (const [index, path] of paths.entries()) {
    if (index % TURN === 0) await others()
    signal?.throwIfAborted()
    if (!isRealFolder(root, path.slice(0, Math.max(path.lastIndexOf('/'), 0)), folders, note)) continue
    const stat = lookAt(join(root, path))
    if (stat === undefined || stat.isDirectory()) continue // a submodule is a folder to git's list
    if (!stat.isFile() && !stat.isSymbolicLink()) {
      const kind = stat.isSocket() ? 'socket' : stat.isFIFO() ? 'named pipe' : 'device'
      throw new SnapshotError('refused', `expected files, folders and links in ${root}, got the ${kind} ${path}; remove it or add it to source.exclude`)
    }
    note(stat.ctimeNs)
    seen.push({
      path,
      type: stat.isFile() ? 'file' : 'link',
      mode: Number(stat.mode) & 0o777,
      size: Number(stat.size),
      target: stat.isFile() ? '' : targetOf(join(root, path)),
      trace: [stat.dev, stat.ino, stat.mode, stat.size, stat.mtimeNs, stat.ctimeNs].join(),
    })
  }
  return { seen, newest }
}

export function sameLook(a: Look, b: Look): boolean {
  return (
    a.seen.length === b.seen.length &&
    a.seen.every((one, index) => {
      const other = b.seen[index]!
      return one.path === other.path && one.trace === other.trace && one.target === other.target
    })
  )
}

/** git lists what it tracks even when a folder on the way was replaced by a link, which would lead anywhere. */
function isRealFolder(root: string, folder: string, known: Map<string, boolean>, note: (time: bigint) => void): boolean {
  const answer = known.get(folder)
  if (answer !== undefined) return answer
  const above = folder.slice(0, Math.max(folder.lastIndexOf('/'), 0))
  const stat = isRealFolder(root, above, known, note) ? lookAt(join(root, folder)) : undefined
  if (stat) note(stat.ctimeNs)
  known.set(folder, stat?.isDirectory() ?? false)
  return stat?.isDirectory() ?? false
}

function lookAt(file: string) {
  try {
    return lstatSync(file, { bigint: true })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new SnapshotError('missing', `${file} cannot be read (${code}); let the user of host-server read it, or add it to source.exclude`, { cause: error })
  }
}

function targetOf(link: string): string {
  try {
    return readlinkSync(link)
  } catch {
    return '' // replaced meanwhile: the second look differs
  }
}
