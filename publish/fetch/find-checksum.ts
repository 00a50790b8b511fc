import type { Got } from 'got'
import { Refusal } from '../refusal.ts'
import { digestIn, listsBeside, listsInIndex, type Expected } from './checksum-list.ts'
import { shownUrl, textAt } from './web.ts'

/** What the list at this address says of the file. @throws Refusal when there is no list, or the file is not in it */
export async function namedChecksum(from: Got, list: URL, file: string, signal: AbortSignal): Promise<Expected> {
  const text = await textAt(from, list, signal)
  if (text === undefined) throw new Refusal(`there is no list of checksums at ${shownUrl(list)}.\n  ${shownUrl(new URL('.', list))}      shows what there is`)
  const digest = digestIn(text, file)
  if (digest === undefined) throw new Refusal(`${shownUrl(list)} has no SHA-256 or SHA-512 of ${file}.\n  --sha256 HEX      says what it has to be`)
  return { ...digest, by: shownUrl(list) }
}

/**
 * What a list beside the image says of it.
 * @returns undefined when there is none that names it
 */
export async function checksumBeside(from: Got, image: URL, file: string, signal: AbortSignal): Promise<Expected | undefined> {
  const known = await firstOf(from, image, listsBeside(file), file, signal)
  if (known !== undefined) return known
  const index = await textAt(from, new URL('.', image), signal)
  return index === undefined ? undefined : await firstOf(from, image, listsInIndex(index), file, signal)
}

async function firstOf(from: Got, image: URL, names: readonly string[], file: string, signal: AbortSignal): Promise<Expected | undefined> {
  for (const name of names) {
    const url = URL.parse(`./${name}`, image.href) // an index is a stranger's text
    if (url === null || url.origin !== image.origin) continue
    const digest = digestIn((await textAt(from, url, signal)) ?? '', file)
    if (digest !== undefined) return { ...digest, by: shownUrl(url) }
  }
  return undefined
}
