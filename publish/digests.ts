import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { meter } from './transfer-text.ts'

export interface DigestOptions {
  readonly tell?: (text: string) => void
  readonly signal?: AbortSignal
}

/**
 * Digests of a file's bytes, read once.
 * @param algorithms by OpenSSL's names
 * @returns in hex
 */
export async function digestsOf<A extends string>(path: string, algorithms: readonly A[], { tell, signal }: DigestOptions = {}): Promise<Record<A, string>> {
  const hashes = algorithms.map((algorithm): [A, Hash] => [algorithm, createHash(algorithm)])
  const passed = meter(tell ?? (() => {}), { total: (await stat(path)).size })
  for await (const piece of createReadStream(path, { highWaterMark: 2 ** 20, ...(signal ? { signal } : {}) }) as AsyncIterable<Buffer>) {
    for (const [, hash] of hashes) hash.update(piece)
    passed(piece.length)
  }
  return Object.fromEntries(hashes.map(([algorithm, hash]) => [algorithm, hash.digest('hex')])) as Record<A, string>
}
