import { writeSync } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { Blocks } from '../container/blocks.ts'
import { EXPORT, SOCKET } from '../container/storage-daemon.ts'
import { BlockSet } from '../ext/block-set.ts'
import { PAGE, type ExtFileSystem } from '../ext/file-system.ts'
import type { Inode } from '../ext/inode.ts'
import { metadataBlocks } from '../ext/metadata-blocks.ts'
import { BuildFailure } from '../refusal.ts'
import { runTool, said } from '../run-tool.ts'
import type { WorkImage } from '../way.ts'

/** The partition that is worked on; the tools for ext know no qcow2 and get it as a file of its own. */
export interface Part {
  readonly work: WorkImage
  /** Of the partition alone: 0 is its first byte. */
  readonly blocks: Blocks
  /** Where it begins on the disk. */
  readonly offset: number
}

/**
 * A sparse file that stands for the partition. Blocks in `present` are as in the partition; all others read as zeros and are either somebody's
 * content, which no tool may touch (`theirs`), or free.
 */
export interface Shadow {
  /** In the work folder. */
  readonly file: string
  readonly blockSize: number
  readonly present: BlockSet
  readonly theirs: BlockSet
  /** What was there before the tools came; only of what is present. */
  before(offset: number, length: number): Promise<Buffer>
}

const FILE = 'partition.raw'
const PIECE = 2 ** 20
/** Reads or writes under way at once. */
const AT_ONCE = 8

/**
 * Only the metadata: tens of megabytes, whatever the size of the disk and of what is in it. debugfs and e2fsck never look at the content of files,
 * and what is not here they see as zeros, which no checksum agrees with.
 *
 * @param leaving files that are going to be removed: debugfs may use their blocks again at once
 */
export async function shadowOfMetadata({ work }: Part, files: ExtFileSystem, leaving: readonly Inode[] = []): Promise<Shadow> {
  const { blockSize, blocks } = files.superblock
  const { metadata, used } = await metadataBlocks(files)
  for (const inode of leaving) for (const { physical, count } of (await files.map(inode)).runs) used.remove(physical, count)
  await using file = await open(join(work.folder, FILE), 'w', 0o600)
  await file.truncate(blocks * blockSize)
  await concurrently(stretchesInPieces(metadata, blockSize, PAGE), async ({ start, count }) => {
    // Waiting in turn for thousands of small writes to the page cache would take longer than the writes.
    writeSync(file.fd, await within(files, start * blockSize, count * blockSize), 0, count * blockSize, start * blockSize)
  })
  return {
    file: FILE,
    blockSize,
    present: metadata,
    theirs: used,
    before: (offset, length) => within(files, offset, length),
  }
}

/** Bytes as the file system's reader has them, mostly still in its memory. */
async function within(files: ExtFileSystem, offset: number, length: number): Promise<Buffer> {
  const first = Math.floor(offset / PAGE)
  const pages = await Promise.all(Array.from({ length: Math.ceil((offset + length) / PAGE) - first }, (_, index) => files.page(first + index)))
  const bytes = pages.length === 1 ? pages[0]! : Buffer.concat(pages)
  return bytes.subarray(offset - first * PAGE, offset - first * PAGE + length)
}

/** Everything that is in use, for what may move content about, or keeps metadata in more places than are looked for. */
export async function shadowOfEverything(part: Part, blockSize: number, size = part.blocks.size): Promise<Shadow> {
  const { folder, signal } = part.work
  const source = { driver: 'raw', offset: part.offset, size: part.blocks.size, file: { driver: 'nbd', export: EXPORT, server: { type: 'unix', path: SOCKET } } }
  const ran = await runTool('qemu-img', ['convert', '-O', 'raw', `json:${JSON.stringify(source)}`, FILE], { cwd: folder, signal, seconds: 900 })
  if (ran.code !== 0) throw new BuildFailure(`the partition could not be copied: ${said(ran)}`)
  const present = new BlockSet(Math.floor(size / blockSize))
  for (const { start, length } of await dataIn(part.work)) present.add(Math.floor(start / blockSize), Math.ceil(length / blockSize))
  await using file = await open(join(folder, FILE), 'r+')
  await file.truncate(size)
  return {
    file: FILE,
    blockSize,
    present,
    theirs: new BlockSet(present.size),
    before: (offset, length) => part.blocks.read(offset, length),
  }
}

/**
 * Brings into the partition what the tools changed in the shadow, and nothing else.
 * @returns bytes written
 * @throws BuildFailure when a tool wrote where the content of other files is
 */
export async function transfer(part: Part, shadow: Shadow, say: (done: number) => void = () => {}): Promise<number> {
  const { blockSize, present, theirs } = shadow
  const asked = new BlockSet(present.size)
  for (const { start, count } of present.stretches()) asked.add(start, count)
  for (const { start, length } of await dataIn(part.work)) asked.add(Math.floor(start / blockSize), Math.ceil(length / blockSize))
  await using file = await open(join(part.work.folder, shadow.file), 'r')
  let written = 0
  await concurrently(stretchesInPieces(asked, blockSize, PIECE), async ({ start, count }) => {
    const now = await readAll(file, start * blockSize, count * blockSize)
    const before = present.lacks(start, count) ? undefined : await shadow.before(start * blockSize, count * blockSize)
    const changed = (at: number): boolean => {
      const block = now.subarray(at * blockSize, (at + 1) * blockSize)
      if (present.has(start + at)) return !block.equals(before!.subarray(at * blockSize, (at + 1) * blockSize))
      if (!theirs.has(start + at)) return true
      if (block.some((byte) => byte !== 0)) throw new BuildFailure(`block ${start + at} was written to, where the content of another file is`)
      return false
    }
    for (let at = 0; at < count; ) {
      let end = at
      while (end < count && changed(end)) end++
      if (end > at) {
        await part.blocks.write((start + at) * blockSize, now.subarray(at * blockSize, end * blockSize))
        written += (end - at) * blockSize
        say(written)
      }
      at = end + 1
    }
  })
  return written
}

/** Where a sparse file has data at all. */
async function dataIn({ folder, signal }: WorkImage): Promise<{ start: number; length: number }[]> {
  const ran = await runTool('qemu-img', ['map', '--output=json', '-f', 'raw', FILE], { cwd: folder, signal, limit: 256 * 2 ** 20 })
  if (ran.code !== 0) throw new BuildFailure(`the partition's copy cannot be read: ${said(ran)}`)
  const extents = JSON.parse(ran.stdout.toString('utf8')) as { start: number; length: number; data: boolean }[]
  return extents.filter(({ data }) => data)
}

/** Cut where a page of the disk ends or `most` bytes are reached, so that none is read twice. */
function* stretchesInPieces(set: BlockSet, blockSize: number, most: number): Generator<{ start: number; count: number }> {
  const each = most / blockSize
  for (const { start, count } of set.stretches()) {
    for (let at = start; at < start + count; ) {
      const end = Math.min(start + count, (Math.floor(at / each) + 1) * each)
      yield { start: at, count: end - at }
      at = end
    }
  }
}

async function concurrently<T>(items: Iterator<T> & Iterable<T>, act: (item: T) => Promise<void>): Promise<void> {
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const item of items) await act(item)
    }),
  )
}

async function readAll(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length)
  let at = 0
  for (let read = -1; at < length && read !== 0; at += read) read = (await file.read(buffer, at, length - at, position + at)).bytesRead
  return buffer.fill(0, at) // the file may end in the middle of a block
}
