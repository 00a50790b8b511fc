import { rename, stat } from 'node:fs/promises'
import type { Got } from 'got'
import { digestsOf } from '../digests.ts'
import { Failure, Refusal } from '../refusal.ts'
import type { Steps } from '../steps.ts'
import { sizeText } from '../transfer-text.ts'
import type { Expected } from './checksum-list.ts'
import { download } from './download.ts'
import { checksumBeside, namedChecksum } from './find-checksum.ts'
import { isSame, offerOf, readOrigin, writeOrigin } from './origin.ts'
import { drop, partOf } from './part.ts'
import { shownUrl, web } from './web.ts'

export interface FetchWish {
  readonly url: URL
  /** The file to make. */
  readonly out: string
  /** The name under which lists of checksums have it. */
  readonly name: string
  /** What it has to be, as the operator says. */
  readonly sha256?: string
  /** A list that says what it has to be. */
  readonly checksumUrl?: URL
  /** Replace `out`. */
  readonly force: boolean
}

export interface Fetched {
  readonly out: string
  readonly url: string
  readonly bytes: number
  readonly sha256: string
  /** Who said what it has to be; absent where nobody did. */
  readonly checked_by?: string
  /** It was there already, and nothing was done. */
  readonly already: boolean
}

/**
 * Brings a file of the web to this machine: whole and as its checksum says, or not at all. A transfer that was cut is gone on with.
 * @throws Refusal when there is nothing to have, or `out` is something else; Failure when it did not come whole, or is not what it has to be
 */
export async function fetchImage(wish: FetchWish, steps: Steps, signal: AbortSignal): Promise<Fetched> {
  const { url, out } = wish
  const from = web(wish.sha256 !== undefined)
  const expected = await expectedOf(wish, from, steps, signal)
  const there = await standing(wish, expected, from, steps, signal)
  if (there !== undefined) return there

  const part = partOf(out)
  const offer = await offerOf(from, url, signal)
  steps.begin('fetch')
  await download(from, url, part, { tell: steps.update, signal })
  const { size } = await stat(part.path)
  steps.done(`${sizeText(size)} from ${url.host}`)

  steps.begin('compare')
  const digests = await digestsOf(part.path, ['sha256', 'sha512'], { tell: steps.update, signal })
  if (expected !== undefined && digests[expected.algorithm] !== expected.hex) {
    await drop(part)
    throw new Failure(`what came from ${shownUrl(url)} is not what it has to be, and was removed: its ${expected.algorithm} is ${digests[expected.algorithm]}, and ${expected.by} says ${expected.hex}.\n  type the same again; if it stays so, take another mirror`)
  }
  await rename(part.path, out)
  const origin = { url: shownUrl(url), bytes: size, sha256: digests.sha256, ...(expected === undefined ? {} : { checked_by: expected.by }) }
  const { etag, last_modified } = offer?.bytes === size ? offer : {}
  await writeOrigin(out, { ...origin, ...(etag === undefined ? {} : { etag }), ...(last_modified === undefined ? {} : { last_modified }), fetched: new Date().toISOString() })
  await drop(part)
  steps.done(expected === undefined ? `sha256 ${digests.sha256}` : `as ${expected.by} says`)
  return { out, ...origin, already: false }
}

async function expectedOf({ url, name, sha256, checksumUrl }: FetchWish, from: Got, steps: Steps, signal: AbortSignal): Promise<Expected | undefined> {
  if (sha256 !== undefined) return { algorithm: 'sha256', hex: sha256.toLowerCase(), by: '--sha256' }
  steps.begin('checksum')
  const found = checksumUrl === undefined ? await checksumBeside(from, url, name, signal) : await namedChecksum(from, checksumUrl, name, signal)
  steps.done(found === undefined ? `no list beside ${name} names it: only its length can be checked` : `${found.algorithm} ${found.hex.slice(0, 16)}… by ${found.by}`)
  return found
}

/** The file, when it is there and is what would be fetched. @throws Refusal when it is something else and may not be replaced */
async function standing({ url, out, force }: FetchWish, expected: Expected | undefined, from: Got, steps: Steps, signal: AbortSignal): Promise<Fetched | undefined> {
  const info = await stat(out).catch(() => undefined)
  if (info === undefined) return undefined
  if (!info.isFile()) throw new Refusal(`${out} is there, and is no file.\n  -o FILE      names the file to make`)
  steps.begin('compare')
  const digests = await digestsOf(out, ['sha256', 'sha512'], { tell: steps.update, signal })
  steps.done(`${out} is there: ${sizeText(info.size)}`)
  const there = { out, url: shownUrl(url), bytes: info.size, sha256: digests.sha256, already: true }
  if (expected !== undefined && digests[expected.algorithm] === expected.hex) return { ...there, checked_by: expected.by }
  const same = expected === undefined ? await sameAsThen(out, digests.sha256, url, from, signal) : false
  if (same) return there
  if (force) return undefined
  const why = same === false ? `is not what ${shownUrl(url)} is now` : `nothing tells whether it is what ${shownUrl(url)} is`
  throw new Refusal(`${out} is there, and ${why}.\n  --force      replaces it\n  -o FILE      makes another one`)
}

/** Where there is no checksum: whether the file is still what came from there, and the server still has the same. @returns undefined when that cannot be told */
async function sameAsThen(out: string, sha256: string, url: URL, from: Got, signal: AbortSignal): Promise<boolean | undefined> {
  const origin = await readOrigin(out)
  return origin?.sha256 === sha256 ? isSame(origin, url, await offerOf(from, url, signal)) : undefined
}
