import type { ExtFileSystem } from '../ext/file-system.ts'
import type { Inode } from '../ext/inode.ts'

const OTHERS_MAY_READ = 0o004
/** Bytes of one file up to which it is done: a swap file would fill the image. */
const LARGEST = 64 * 2 ** 20
const PIECE = 2 ** 20

/**
 * Zeros in the place of what not everybody may read, before it is removed or replaced: debugfs frees blocks and leaves what stands in them, and an
 * image is handed on. Only of a file system that e2fsck has found sound: in another these could be blocks of somebody else, too.
 * @param write into the file system, at so many bytes
 * @param leaving files of which every name goes away
 */
export async function overwritePrivate(write: (at: number, bytes: Buffer) => Promise<unknown>, files: ExtFileSystem, leaving: readonly Inode[]): Promise<void> {
  for (const inode of leaving) {
    if ((inode.mode & OTHERS_MAY_READ) !== 0 || inode.size > LARGEST) continue
    for (const { physical, count } of (await files.map(inode)).runs) {
      const end = (physical + count) * files.blockSize
      for (let at = physical * files.blockSize; at < end; at += PIECE) await write(at, Buffer.alloc(Math.min(PIECE, end - at)))
    }
  }
}
