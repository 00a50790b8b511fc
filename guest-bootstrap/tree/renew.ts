import { createHash } from 'node:crypto'
import { MOST_CONTENTS } from '../../contract/contents.ts'
import type { Manifest } from '../../contract/manifest.ts'
import { ROUTES } from '../../contract/routes.ts'
import { modeInTree, treeOf } from '../../contract/source-tree.ts'
import { askHost, isAway } from '../host.ts'
import { leave, readAll } from '../read-all.ts'
import type { Files, System } from '../system.ts'
import { receive } from './download.ts'
import { keptPack } from './keep-pack.ts'
import { filesOf, layOut, Unpacking, type FileEntry } from './unpack.ts'

/** Beyond this share of the whole, what is saved on the wire is not worth the second way. */
const MOST_MISSING = 0.5
/** Bytes by which contents that cannot be compressed may grow on the wire. */
const OVERHEAD = 64 * 1024

/**
 * Makes a tree in a new folder from the one that is there: what it has already is copied, what it lacks comes from the host.
 * The files that are there are read and hashed; one that was damaged is fetched like one that is lacking.
 *
 * @returns number of bytes that were sent; undefined when the whole pack is the better way, and the folder may hold a part then
 */
export async function renew(system: System, manifest: Manifest, folder: string, before: Manifest): Promise<number | undefined> {
  const { files } = system
  // The whole pack has begun to come in.
  if (files.stat(keptPack(manifest.pack.zstd))) return undefined
  const expected = filesOf(manifest.entries)
  const known = new Map(filesOf(before.entries).map(({ sha256, path }) => [sha256, `${treeOf(before.revision)}/${path}`]))
  if (sizeOf(expected.filter(({ sha256 }) => !known.has(sha256))) > manifest.pack.size * MOST_MISSING) return undefined
  layOut(files, folder, manifest.entries)
  const lacking = expected.filter((entry) => !copied(files, known.get(entry.sha256), folder, entry))
  const first = new Map(lacking.toReversed().map((entry) => [entry.sha256, entry]))
  const wanted = lacking.filter((entry) => first.get(entry.sha256) === entry)
  if (wanted.length > MOST_CONTENTS) return undefined
  const sent = wanted.length === 0 ? 0 : await fetchContents(system, folder, wanted)
  if (sent === undefined) return undefined
  return lacking.every((entry) => wanted.includes(entry) || copied(files, `${folder}/${first.get(entry.sha256)!.path}`, folder, entry)) ? sent : undefined
}

/** @returns undefined when the host does not know this way (an older one), has another manifest by now, or the connection breaks: only a pack goes on where it broke off */
async function fetchContents(system: System, folder: string, wanted: readonly FileEntry[]): Promise<number | undefined> {
  const answer = await askHost(system, ROUTES.contents, [200, 404, 413], { method: 'POST', json: wanted.map(({ sha256 }) => sha256) })
  if (answer.status !== 200) {
    // An answer that nobody reads keeps its connection.
    await readAll(answer.body, 64 * 1024)
    return undefined
  }
  try {
    return await receive(answer.body, new Unpacking(system.files, folder, wanted), sizeOf(wanted) + OVERHEAD)
  } catch (error) {
    await leave(answer.body)
    if (isAway(error)) return undefined
    throw error
  }
}

/** @returns whether what lies there is what the entry wants, and now lies in its place too */
function copied(files: Files, from: string | undefined, folder: string, { path, mode, size, sha256 }: FileEntry): boolean {
  const stat = from === undefined ? undefined : files.stat(from)
  if (stat?.kind !== 'file' || stat.size !== size) return false
  const bytes = files.bytes(from!)!
  if (createHash('sha256').update(bytes).digest('hex') !== sha256) return false
  const to = `${folder}/${path}`
  // One file in two trees: nothing to write, and nothing to flush. A tree's files are never written again, only removed.
  if (stat.mode === modeInTree(mode) && files.share(from!, to)) return true
  const sink = files.create(to, modeInTree(mode))
  try {
    if (size > 0) sink.write(bytes)
  } finally {
    sink.close()
  }
  return true
}

const sizeOf = (entries: readonly FileEntry[]): number => entries.reduce((sum, { size }) => sum + size, 0)
