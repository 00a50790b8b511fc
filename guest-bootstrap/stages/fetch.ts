import { Fault } from '../../contract/fault.ts'
import { shortRevision, type Manifest } from '../../contract/manifest.ts'
import { GUEST } from '../../contract/paths.ts'
import { FOLLOW_HEADER } from '../../contract/routes.ts'
import { treeOf } from '../../contract/source-tree.ts'
import { hostUrl, isAway, leastWait, refusalOf, signingKeys } from '../host.ts'
import { forget, MEMORY, recall, remember } from '../memory.ts'
import type { Stage } from '../stage.ts'
import type { HttpAnswer, System } from '../system.ts'
import { askManifest, manifestText } from '../tree/ask-manifest.ts'
import { checkManifest, isOfUnknownKey, type CheckedManifest } from '../tree/check-manifest.ts'
import { currentManifest, currentRevision, keepManifest, removeOthers } from '../tree/current.ts'
import { download } from '../tree/download.ts'
import { refuseOlder } from '../tree/refuse-older.ts'
import { renew } from '../tree/renew.ts'
import { isWholeTree } from '../tree/whole-tree.ts'
import { enrol } from './enrol.ts'

/** The manifest that came when `done` asked whether there is another one: `run` takes it, and need not ask again. */
const news = new WeakMap<System, News>()

interface News {
  /** Of the envelope. */
  readonly text: string
  readonly etag: string
}

/**
 * The live tree is what `current` names. A new one is built beside it, verified, flushed and only then named, so that after a power
 * cut at any moment the old tree or the new one is there, whole.
 */
export const fetch: Stage = {
  name: 'fetch',
  purpose: 'have the source tree that the host hands out, verified',

  async done(system) {
    const kept = currentManifest(system.files)
    if (!kept || !isVerified(system, kept.manifest)) return false
    if (hostUrl(system) === undefined) return `${shortRevision(kept.manifest.revision)} (${kept.manifest.source.description}): there already, verified; no host to ask for another`
    try {
      const answer = await askManifest(system, [200, 304], { headers: { 'if-none-match': knownTags(system, kept.etag) } })
      const text = await manifestText(answer)
      if (answer.status === 200) news.set(system, newsOf(answer, text))
      // A tree that was sent back is kept away while the host is followed; else it is the host's word again what runs.
      const sentBack = recall(system.files, MEMORY.rejected) !== undefined
      return noteFollow(system, answer) || !sentBack ? answer.status === 304 : false
    } catch (error) {
      if (isAway(error)) return true
      throw error
    }
  },

  async run(system) {
    const known = news.get(system)
    news.delete(system)
    if (known) return (await takeManifest(system, known)).note
    const answer = await askManifest(system, [200, 404, 503])
    noteFollow(system, answer)
    if (answer.status === 200) return (await takeTree(system, answer)).note
    const { code, message } = await refusalOf(answer)
    if (code === 'BUSY') throw new Fault('HOST_BUSY', { status: answer.status }, message, { wait: leastWait(answer) })
    throw new Fault('NOTHING_TO_FETCH', { status: answer.status }, 'is source.path in its config.yaml readable?', { wait: leastWait(answer) })
  },
}

/** @returns whether the host wants to be followed */
export function noteFollow({ files }: System, { headers }: HttpAnswer): boolean {
  const wanted = headers[FOLLOW_HEADER] === 'yes'
  if (wanted) remember(files, MEMORY.followed, {})
  else for (const place of [MEMORY.followed, MEMORY.rejected]) forget(files, place)
  return wanted
}

/** Of what the guest does not want again: the tree it has, and the one from which its agent did not come up. */
export function knownTags({ files }: System, etag: string): string {
  return [etag, recall(files, MEMORY.rejected)?.etag].filter((tag) => tag !== undefined).join(', ')
}

/**
 * Makes the tree of a manifest the live one.
 * @param answer of the host, 200
 * @returns the revisions before and now, and a note for people
 */
export async function takeTree(system: System, answer: HttpAnswer): Promise<TakenTree> {
  return await takeManifest(system, newsOf(answer, await manifestText(answer)))
}

export interface TakenTree {
  readonly before: string | undefined
  readonly now: string
  readonly note: string
}

const newsOf = ({ headers }: HttpAnswer, text: string): News => ({ text, etag: headers['etag'] ?? '' })

async function takeManifest(system: System, { text, etag }: News): Promise<TakenTree> {
  const { files } = system
  const checked = await checkedWithKeysOfToday(system, text)
  refuseOlder(files, checked)
  const { manifest } = checked
  const before = currentRevision(files)
  const folder = treeOf(manifest.revision)
  const note = isWholeTree(files, folder, manifest) ? 'there already, verified' : await build(system, manifest, folder)
  keepManifest(files, { etag, manifest })
  files.point(GUEST.currentSource, manifest.revision)
  remember(files, MEMORY.verified, { revision: manifest.revision })
  // The one before stays: an agent that still runs from it finds its files, and a tree that is no good is left for it.
  removeOthers(files, before === undefined ? [manifest.revision] : [manifest.revision, before])
  return { before, now: manifest.revision, note: `${shortRevision(manifest.revision)} (${manifest.source.description}): ${note}` }
}

/** The host may have a new key since this guest enrolled. Which keys count is learned there and nowhere else: over TLS with the pinned CA. */
async function checkedWithKeysOfToday(system: System, text: string): Promise<CheckedManifest> {
  const known = signingKeys(system)
  try {
    return checkManifest(text, known)
  } catch (error) {
    if (!isOfUnknownKey(error, known)) throw error
    await enrol.run(system)
    return checkManifest(text, signingKeys(system))
  }
}

async function build(system: System, manifest: Manifest, folder: string): Promise<string> {
  const { files } = system
  files.folder(GUEST.source, { mode: 0o755 })
  const beside = `${GUEST.source}/.${manifest.revision}`
  // First of all: what an earlier try has left there may be what fills the disk.
  files.remove(beside)
  checkSpace(system, manifest)
  files.folder(beside, { mode: 0o755 })
  const sent = (await fromBefore(system, manifest, beside)) ?? (await download(system, manifest, beside))
  await files.flush(beside)
  // What stands there is not whole, or it would have been taken as it is.
  files.remove(folder)
  files.rename(beside, folder)
  const count = manifest.entries.length
  return `${count} files, ${megabytes(manifest.pack.size)} MB (${megabytes(sent)} MB sent), verified`
}

/** A new revision mostly differs in few files. @returns undefined when the whole pack has to come, into a folder that is empty again */
async function fromBefore(system: System, manifest: Manifest, beside: string): Promise<number | undefined> {
  const before = currentManifest(system.files)?.manifest
  const sent = before && (await renew(system, manifest, beside, before))
  if (sent !== undefined) return sent
  system.files.remove(beside)
  system.files.folder(beside, { mode: 0o755 })
  return undefined
}

/** Blocks and inodes come on top of the contents; a tree that fits by a hair helps nobody. */
function checkSpace(system: System, { pack, entries }: Manifest): void {
  const needed = pack.size + pack.zstd.size + entries.length * 4096 + 16 * 1024 * 1024
  const free = system.files.free(GUEST.source)
  if (free < needed) {
    throw new Fault('DISK_FULL', { path: GUEST.source, needed, free }, `${GUEST.source} needs ${megabytes(needed)} MB, ${megabytes(free)} MB are free`)
  }
}

/** All digests once in every boot: what a power cut or a failing disk did to the files is found before the agent finds it. */
function isVerified(system: System, manifest: Manifest): boolean {
  if (recall(system.files, MEMORY.verified)?.revision === manifest.revision) return true
  if (!isWholeTree(system.files, treeOf(manifest.revision), manifest)) return false
  remember(system.files, MEMORY.verified, { revision: manifest.revision })
  return true
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1)
