import { readFile, rename, writeFile } from 'node:fs/promises'
import type { Got } from 'got'
import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import { shownUrl } from './web.ts'

const Origin = Type.Object({ url: Type.String(), etag: Type.Optional(Type.String()), last_modified: Type.Optional(Type.String()), bytes: Type.Number(), sha256: Type.String(), checked_by: Type.Optional(Type.String()), fetched: Type.String() })

/** Where a file came from; lies beside it as FILE.origin.json. */
export type Origin = Static<typeof Origin>

export async function readOrigin(file: string): Promise<Origin | undefined> {
  const text = await readFile(`${file}.origin.json`, 'utf8').catch(() => '')
  try {
    const origin: unknown = JSON.parse(text)
    return Value.Check(Origin, origin) ? origin : undefined
  } catch {
    return undefined
  }
}

export async function writeOrigin(file: string, origin: Origin): Promise<void> {
  await writeFile(`${file}.origin.json.new`, `${JSON.stringify(origin, null, 2)}\n`)
  await rename(`${file}.origin.json.new`, `${file}.origin.json`)
}

/** What the server says of the file without sending it. */
export interface Offer {
  readonly etag?: string
  readonly last_modified?: string
  readonly bytes?: number
}

/** @returns undefined when it does not say */
export async function offerOf(from: Got, url: URL, signal: AbortSignal): Promise<Offer | undefined> {
  const answer = await from.head(url, { signal }).catch((error: Error) => {
    if (signal.aborted) throw error
  })
  if (answer?.statusCode !== 200) return undefined
  const { etag, 'last-modified': modified, 'content-length': length } = answer.headers
  return { ...(etag === undefined ? {} : { etag }), ...(modified === undefined ? {} : { last_modified: modified }), ...(length === undefined ? {} : { bytes: Number(length) }) }
}

/** Whether the server still has what came from it. @returns undefined when that cannot be told */
export function isSame({ url, etag, last_modified, bytes }: Origin, at: URL, offer: Offer | undefined): boolean | undefined {
  if (url !== shownUrl(at) || offer === undefined) return undefined
  if (offer.bytes !== undefined && offer.bytes !== bytes) return false
  if (etag !== undefined && offer.etag !== undefined) return etag === offer.etag
  return last_modified === undefined || offer.last_modified === undefined ? undefined : last_modified === offer.last_modified
}
