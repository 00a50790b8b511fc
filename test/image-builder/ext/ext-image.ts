import { closeSync, mkdirSync, openSync, readSync, statSync, symlinkSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Blocks } from '../../../image-builder/container/blocks.ts'
import { tool } from '../small-image.ts'

/** Arguments of mke2fs for every kind of ext file system that the direct way takes. */
export const VARIANTS: Readonly<Record<string, readonly string[]>> = {
  ext4: ['-t', 'ext4'],
  'ext4, 1 KiB blocks': ['-t', 'ext4', '-b', '1024'],
  'ext4, 2 KiB blocks': ['-t', 'ext4', '-b', '2048'],
  'ext4 without journal': ['-t', 'ext4', '-O', '^has_journal'],
  ext3: ['-t', 'ext3'],
  ext2: ['-t', 'ext2', '-b', '1024'],
  'orphan_file': ['-t', 'ext4', '-O', 'orphan_file'],
  'metadata_csum_seed': ['-t', 'ext4', '-O', 'metadata_csum_seed'],
  'no checksums': ['-t', 'ext4', '-O', '^metadata_csum'],
  'uninit_bg': ['-t', 'ext4', '-O', '^metadata_csum,uninit_bg'],
  '32 bit': ['-t', 'ext4', '-O', '^64bit'],
  'large_dir': ['-t', 'ext4', '-O', 'large_dir'],
  'verity': ['-t', 'ext4', '-O', 'verity'],
  'fast_commit': ['-t', 'ext4', '-O', 'fast_commit'],
  'no extents': ['-t', 'ext4', '-O', '^extents,^64bit'],
  'written inode tables': ['-t', 'ext4', '-E', 'lazy_itable_init=0'],
  'no folder index': ['-t', 'ext4', '-O', '^dir_index'],
  'no resize inode': ['-t', 'ext4', '-O', '^resize_inode'],
  'no flexible groups': ['-t', 'ext4', '-O', '^flex_bg'],
  'inodes of 128 bytes': ['-t', 'ext4', '-I', '128'],
  'sparse_super2': ['-t', 'ext4', '-O', 'sparse_super2'],
  'meta_bg': ['-t', 'ext4', '-O', 'meta_bg,^resize_inode'],
  'bigalloc': ['-t', 'ext4', '-O', 'bigalloc', '-C', '65536'],
  'quota': ['-t', 'ext4', '-O', 'quota'],
}

/** A tree with what a reader may stumble over: a long name, long links, holes, many names in a folder, a file in many pieces. */
export function plantTree(folder: string): void {
  const file = (path: string, content: string | Buffer) => writeFileSync(join(folder, path), content)
  for (const path of ['etc', 'many', 'deep/er/est', 'empty']) mkdirSync(join(folder, path), { recursive: true })
  file('etc/os-release', 'PRETTY_NAME="A system"\n')
  file('etc/empty', '')
  file('large', Buffer.alloc(3_000_001, 'large content '))
  for (let number = 0; number < 600; number++) file(`many/${'n'.repeat(40)}-${number}`, `${number}`)
  file(`deep/er/est/${'x'.repeat(255)}`, 'long name')
  file('deep/größe ☃ "quoted" \\ back', 'odd name')
  symlinkSync('etc/os-release', join(folder, 'short-link'))
  symlinkSync(`/${'long/'.repeat(60)}end`, join(folder, 'long-link'))
  file('holes', '')
  truncateSync(join(folder, 'holes'), 9_000_000)
  const handle = openSync(join(folder, 'holes'), 'r+')
  for (let at = 0; at < 8_000_000; at += 100_000) writeSync(handle, 'island', at)
  closeSync(handle)
}

/** @returns path of a bare ext file system */
export function makeExt(folder: string, args: readonly string[], megabytes = args.includes('bigalloc') ? 128 : 48, tree?: string): string {
  const path = join(folder, 'ext.raw')
  writeFileSync(path, '')
  truncateSync(path, megabytes * 2 ** 20)
  tool('mke2fs', ['-q', '-F', ...args, ...(tree === undefined ? [] : ['-d', tree]), path])
  return path
}

/** A raw file as the blocks of a disk. */
export function blocksOf(path: string): Blocks & { reads(): number } {
  const handle = openSync(path, 'r+')
  let reads = 0
  return {
    size: statSync(path).size,
    reads: () => reads,
    async read(offset, length) {
      const buffer = Buffer.alloc(length)
      reads += length
      readSync(handle, buffer, 0, length, offset)
      return buffer
    },
    async write(offset, data) {
      writeSync(handle, data, 0, data.length, offset)
    },
    async flush() {},
    async [Symbol.asyncDispose]() {
      closeSync(handle)
    },
  }
}
