import { open, writeFile, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { sizeOf } from '../change.ts'
import { ExtFileSystem } from '../ext/file-system.ts'
import { extTree } from '../ext/ext-tree.ts'
import type { Superblock } from '../ext/superblock.ts'
import { BuildFailure } from '../refusal.ts'
import { quotePath, renderCommands } from './commands.ts'
import type { Part, Shadow } from './shadow.ts'
import type { Standing } from './standing.ts'

/** Bytes from which it pays. */
const LARGE = 4 * 2 ** 20
const EMPTY = 'source-empty'
const PIECE = 2 ** 20
/** An extent that was never written has its length counted from here. */
const UNWRITTEN = 32768
/** Extents in the inode itself whose words debugfs can set by number; those of the fourth have other names. */
const SETTABLE = 3

export interface LargeFile {
  readonly standing: Standing
  readonly size: number
}

/**
 * debugfs writes block by block, each with a checksum of its own to be made anew: half a second for Node. Of large files it only reserves the
 * blocks; the content goes into the image itself, and then debugfs is told that the blocks are written.
 */
export function largeFiles(standing: readonly Standing[], { features }: Superblock): LargeFile[] {
  if (!features.has('extents')) return []
  return standing.flatMap((each) => {
    const size = each.change.kind === 'file' ? sizeOf(each.change.content) : 0
    return size >= LARGE ? [{ standing: each, size }] : []
  })
}

/** Stands in for the content while debugfs makes the file. @returns name of a file in the work folder */
export async function layEmpty(folder: string): Promise<string> {
  await writeFile(join(folder, EMPTY), '')
  return EMPTY
}

/** Commands by which debugfs reserves the blocks. */
export function reserve({ standing: { path }, size }: LargeFile, blockSize: number): string {
  return `fallocate ${quotePath(path)} 0 ${Math.ceil(size / blockSize) - 1}\nsif ${quotePath(path)} size ${size}\n`
}

/**
 * Writes the content of a large file where debugfs has reserved blocks for it.
 * @returns commands by which debugfs marks them as written, or writes the file itself where they lie in too many pieces
 */
export async function fill(part: Part, shadow: Shadow, { standing, size }: LargeFile): Promise<string> {
  const { folder } = part.work
  const { path, source } = standing
  await using disk = await open(join(folder, shadow.file), 'r')
  const { size: length } = await disk.stat()
  const files = await ExtFileSystem.open(async (at, count) => (await disk.read(Buffer.alloc(count), 0, count, at)).buffer, length)
  const inode = await extTree(files).inode(path)
  if (!inode) throw new BuildFailure(`${path} was not made`)
  const { runs, index } = await files.map(inode)
  const words = index.length === 0 ? writtenWords(inode.map) : undefined
  if (!words) return renderCommands([{ ...standing, exists: 'thing' }])
  await using content = await open(join(folder, source!), 'r')
  for (const { logical, physical, count } of runs) {
    if (!shadow.theirs.lacks(physical, count)) throw new BuildFailure(`${path} was given blocks that hold another file's content`)
    shadow.theirs.add(physical, count) // what stands there now is not in the shadow
    await copyRun(content, part, { from: logical * files.blockSize, to: physical * files.blockSize, length: count * files.blockSize }, size)
  }
  return words.map(([word, value]) => `sif ${quotePath(path)} block[${word}] ${value}\n`).join('')
}

/** Words of the inode that say how long each extent is, once it is written. Undefined when there are more than debugfs sets by number. */
function writtenWords(map: Buffer): [word: number, value: number][] | undefined {
  const entries = map.readUInt16LE(2)
  if (entries > SETTABLE) return undefined
  return Array.from({ length: entries }, (_, entry) => {
    const at = 16 + 12 * entry
    const length = map.readUInt16LE(at)
    return [at / 4, map.readUInt16LE(at + 2) * 2 ** 16 + (length > UNWRITTEN ? length - UNWRITTEN : length)]
  })
}

/** The rest of the last block is zeros. */
async function copyRun(content: FileHandle, part: Part, run: { from: number; to: number; length: number }, size: number): Promise<void> {
  for (let at = 0; at < run.length; at += PIECE) {
    const piece = Buffer.alloc(Math.min(PIECE, run.length - at))
    const wanted = Math.max(0, Math.min(piece.length, size - run.from - at))
    for (let read = 0; read < wanted; ) {
      const { bytesRead } = await content.read(piece, read, wanted - read, run.from + at + read)
      if (bytesRead === 0) throw new BuildFailure('a file that is put in has become shorter meanwhile')
      read += bytesRead
    }
    await part.blocks.write(run.to + at, piece)
  }
}
