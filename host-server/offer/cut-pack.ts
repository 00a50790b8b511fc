import type { Entry } from '../../contract/manifest.ts'

/** One file's content in a pack. */
export interface Piece {
  readonly sha256: string
  readonly size: number
}

/** What a pack consists of, in its order. */
export function piecesOf(entries: readonly Entry[]): Piece[] {
  return entries.flatMap((entry) => (entry.type === 'file' ? [{ sha256: entry.sha256, size: entry.size }] : []))
}

/**
 * Lets the wanted pieces of an unpacked pack through, each once, and drops the rest; never holds more than one chunk.
 * @param wanted digests
 */
export async function* cutPack(pack: AsyncIterable<Buffer>, pieces: readonly Piece[], wanted: ReadonlySet<string>): AsyncGenerator<Buffer> {
  const open = new Set(wanted)
  let index = -1
  let left = 0
  let through = false
  for await (const chunk of pack) {
    for (let at = 0; at < chunk.length; ) {
      while (left === 0 && index + 1 < pieces.length) {
        const { sha256, size } = pieces[++index]!
        through = open.delete(sha256)
        left = size
      }
      const part = chunk.subarray(at, at + (left || chunk.length))
      if (through && left > 0) yield part
      left = Math.max(0, left - part.length)
      at += part.length
    }
  }
}
