import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'

export interface TailLimits {
  /** So far back from the end is looked. */
  readonly bytes: number
  readonly signal?: AbortSignal
}

const CHUNK = 256 * 1024
/** Longest line that is kept. */
export const LONGEST_LINE = 2000
const NEWLINE = 0x0a

/**
 * The lines of a file from its last to its first, in constant memory, however long file and lines are. A line is cut behind its first
 * LONGEST_LINE characters; what stands in it (escapes, CR) is left as it is.
 * @throws NodeJS.ErrnoException when it cannot be read; EINVAL for what is no file: a pipe would keep its reader waiting
 */
export async function* linesFromEnd(path: string, { bytes, signal }: TailLimits): AsyncGenerator<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stat = await file.stat()
    if (!stat.isFile()) throw Object.assign(new Error(`${path} is no file`), { code: 'EINVAL', path })
    const stop = Math.max(0, stat.size - bytes)
    let kept: Buffer = Buffer.alloc(0)
    let last = true
    for (let end = stat.size; end > stop; end -= CHUNK) {
      signal?.throwIfAborted()
      const chunk = await read(file, Math.max(stop, end - CHUNK), end)
      // The end of the chunk is where the line goes on that is kept already.
      const starts = lineStarts(chunk)
      let right = chunk.length
      for (const start of starts) {
        const line = text(Buffer.concat([chunk.subarray(start, Math.min(right, start + LONGEST_LINE * 4)), right === chunk.length ? kept : EMPTY]))
        if (!(last && line === '')) yield line
        last = false
        right = start - 1
      }
      const begun = chunk.subarray(0, Math.min(Math.max(right, 0), LONGEST_LINE * 4))
      kept = starts.length === 0 ? shortened(Buffer.concat([begun, kept])) : Buffer.from(begun)
    }
    // Where only the end of the file was read, this is the end of a line.
    if (stop === 0 && !(last && kept.length === 0)) yield text(kept)
  } finally {
    await file.close()
  }
}

/**
 * The newest lines that are wanted, oldest first.
 * @param want called from the newest line to the oldest
 */
export async function newestLines(path: string, most: number, limits: TailLimits, want: (line: string) => boolean = () => true): Promise<string[]> {
  const found: string[] = []
  for await (const line of linesFromEnd(path, limits)) {
    if (want(line)) found.push(line)
    if (found.length >= most) break
  }
  return found.reverse()
}

const EMPTY = Buffer.alloc(0)

async function read(file: FileHandle, from: number, to: number): Promise<Buffer> {
  const buffer = Buffer.alloc(to - from)
  const { bytesRead } = await file.read(buffer, 0, buffer.length, from)
  return buffer.subarray(0, bytesRead)
}

/** Offsets behind each newline, the last first. */
function lineStarts(chunk: Buffer): number[] {
  const starts: number[] = []
  for (let at = chunk.lastIndexOf(NEWLINE); at >= 0; at = at === 0 ? -1 : chunk.lastIndexOf(NEWLINE, at - 1)) starts.push(at + 1)
  return starts
}

function shortened(line: Buffer): Buffer {
  return Buffer.from(line.subarray(0, LONGEST_LINE * 4))
}

function text(line: Buffer): string {
  return line.toString('utf8').slice(0, LONGEST_LINE)
}
