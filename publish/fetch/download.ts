import { open, statfs, type FileHandle } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Got, Request, Response } from 'got'
import { Failure, Refusal } from '../refusal.ts'
import { meter, sizeText } from '../transfer-text.ts'
import { drop, remember, standing, type Part } from './part.ts'
import { shownUrl } from './web.ts'

/** Tries in a row that bring nothing. */
const TRIES = 5

export interface DownloadOptions {
  readonly tell: (text: string) => void
  readonly signal: AbortSignal
  /** Milliseconds before the first try after a cut; it doubles with each that brings nothing. */
  readonly pause?: number
}

/** The transfer ended before its end, or did not begin, and may go on. */
class Cut extends Error {}

/** There was no answer at all. */
class NoAnswer extends Cut {}

/**
 * Brings the file's bytes into the part, going on where an earlier transfer was cut if the server still has the same.
 * @throws Refusal when there is no file to have at this address, Failure when it does not come whole; the part is kept then
 */
export async function download(from: Got, url: URL, part: Part, { tell, signal, pause = 1_000 }: DownloadOptions): Promise<void> {
  for (let idle = 0, first = true; ; first = false) {
    const before = (await standing(part, shownUrl(url)))?.bytes ?? 0
    try {
      return await takeRest(from, url, part, tell, signal)
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof Cut)) throw error
      if (error instanceof NoAnswer && first) throw new Failure(`${url.host} gives no answer: ${error.message}`, { cause: error })
      const kept = (await standing(part, shownUrl(url)))?.bytes ?? 0
      idle = kept > before ? 0 : idle + 1
      if (idle >= TRIES) throw new Failure(`${shownUrl(url)} does not come whole: ${error.message}.\n  type the same again later${kept === 0 ? '' : `: it goes on behind the ${sizeText(kept)} in ${part.path}`}`, { cause: error })
      tell(`${error.message}; tried again in a moment`)
      await delay(pause * 2 ** idle, undefined, { signal })
    }
  }
}

async function takeRest(from: Got, url: URL, part: Part, tell: (text: string) => void, signal: AbortSignal): Promise<void> {
  const there = await standing(part, shownUrl(url))
  if (there !== undefined && there.bytes === there.record.total) return
  const asking = from.stream(url, { signal, headers: there === undefined ? {} : { range: `bytes=${there.bytes}-`, 'if-range': there.record.validator! } })
  try {
    const response = await responseOf(asking)
    const { begin, total } = placeOf(response, there?.bytes ?? 0, url)
    await requireSpace(part, total === undefined ? 0 : total - begin)
    const validator = validatorOf(response)
    await using file = await open(part.path, begin === 0 ? 'w' : 'r+')
    await remember(part, { url: shownUrl(url), ...(validator === undefined ? {} : { validator }), ...(total === undefined ? {} : { total }) })
    const end = await take(asking, file, begin, meter(tell, { total, already: begin }), url, part)
    if (total !== undefined && end !== total) throw new Cut(`the connection ended after ${sizeText(end)} of ${sizeText(total)}`)
    await file.sync()
  } catch (error) {
    if (error instanceof Refusal) await drop(part)
    throw error
  } finally {
    asking.destroy()
  }
}

async function responseOf(asking: Request): Promise<Response> {
  const came = Promise.withResolvers<Response>()
  asking.once('response', came.resolve)
  asking.once('error', came.reject)
  try {
    return await came.promise
  } catch (error) {
    throw error instanceof Error && error.cause instanceof Refusal ? error.cause : new NoAnswer((error as Error).message, { cause: error })
  }
}

/** Where the bytes that come belong. @throws Refusal or Cut where none come */
function placeOf({ statusCode, headers }: Response, wanted: number, url: URL): { begin: number; total?: number } {
  if (statusCode >= 500 || statusCode === 429 || statusCode === 408) throw new Cut(`the server answers ${statusCode}`)
  if (statusCode === 416) throw new Refusal(`${shownUrl(url)} has become shorter than what was fetched of it; that is dropped.\n  type the same again`)
  if (statusCode !== 200 && statusCode !== 206) throw new Refusal(noFile(statusCode, url))
  if (/^text\/html\b/.test(headers['content-type'] ?? '')) throw new Refusal(webPage(url))
  if (statusCode === 206) {
    const [, begin, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(headers['content-range'] ?? '') ?? []
    if (Number(begin) !== wanted) throw new Refusal(`${shownUrl(url)} answers with another part of the file than was asked for; what was fetched is dropped.\n  type the same again`)
    return { begin: wanted, total: Number(total) }
  }
  const length = Number(headers['content-length'] ?? Number.NaN)
  return { begin: 0, ...(Number.isSafeInteger(length) ? { total: length } : {}) }
}

function noFile(status: number, url: URL): string {
  const folder = shownUrl(new URL('.', url))
  if (status === 404 || status === 410) return `there is no ${shownUrl(url)} (${status}).\n  ${folder}      shows what there is; images of a release are replaced by newer ones`
  return `${url.host} does not give ${url.pathname} (${status})`
}

function webPage(url: URL): string {
  return `${shownUrl(url)} is a web page, not an image.\n  open it in a browser, and copy the address of the image's own link`
}

/** RFC 9110: a weak tag does not promise the same bytes. */
function validatorOf({ headers }: Response): string | undefined {
  const { etag, 'last-modified': modified } = headers
  return etag !== undefined && !etag.startsWith('W/') ? etag : modified
}

async function requireSpace(part: Part, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(resolve(part.path)))
  const free = Number(bavail) * Number(bsize)
  if (bytes > free) throw new Failure(`${sizeText(bytes)} are to come, and the disk of ${part.path} has ${sizeText(free)} left.\n  -o FILE      on another disk`)
}

/** @returns where the file ends now */
async function take(asking: Request, file: FileHandle, begin: number, passed: (bytes: number) => void, url: URL, part: Part): Promise<number> {
  let place = begin
  try {
    for await (const piece of asking as AsyncIterable<Buffer>) {
      if (place === 0 && /^\s*<(?:!doctype|html|\?xml)/i.test(piece.subarray(0, 100).toString('latin1'))) throw new Refusal(webPage(url))
      await writeAll(file, piece, place, part)
      place += piece.length
      passed(piece.length)
    }
  } catch (error) {
    if (error instanceof Refusal || error instanceof Failure) throw error
    throw new Cut(`the connection ended after ${sizeText(place)}`, { cause: error })
  }
  return place
}

async function writeAll(file: FileHandle, piece: Buffer, place: number, part: Part): Promise<void> {
  try {
    for (let done = 0; done < piece.length; ) done += (await file.write(piece, done, piece.length - done, place + done)).bytesWritten
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOSPC' && code !== 'EDQUOT') throw new Failure(`${part.path} cannot be written: ${code}`, { cause: error })
    throw new Failure(`the disk is full; ${sizeText(place)} are kept in ${part.path}.\n  make room, and type the same again: it goes on there`, { cause: error })
  }
}
