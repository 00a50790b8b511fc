import type { Blocks } from '../container/blocks.ts'

/** A part of a disk, as a disk. Closing it closes nothing. */
export function slice(disk: Blocks, offset: number, size: number): Blocks {
  const inside = (at: number, length: number): void => {
    if (!(at >= 0 && length >= 0 && at + length <= size)) throw new RangeError(`bytes ${at} to ${at + length} are outside of ${size}`)
  }
  return {
    size,
    async read(at, length) {
      inside(at, length)
      return await disk.read(offset + at, length)
    },
    async write(at, data) {
      inside(at, data.length)
      await disk.write(offset + at, data)
    },
    flush: () => disk.flush(),
    async [Symbol.asyncDispose]() {},
  }
}
