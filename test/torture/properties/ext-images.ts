import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { requireFeatures } from '../../../image-builder/direct/features.ts'
import { ExtFileSystem } from '../../../image-builder/ext/file-system.ts'
import { extTree } from '../../../image-builder/ext/ext-tree.ts'
import { metadataBlocks } from '../../../image-builder/ext/metadata-blocks.ts'
import { parseSuperblock } from '../../../image-builder/ext/superblock.ts'
import { ImageRefusal } from '../../../image-builder/refusal.ts'
import { realPath, walk } from '../../../image-builder/tree.ts'
import { overwrites, overwritten } from './inputs.ts'
import { law, valueOr, type Parser } from './law.ts'

const KINDS = [
  ['-t', 'ext4', '-b', '1024', '-O', '^has_journal'],
  ['-t', 'ext4', '-b', '4096', '-O', '^has_journal'],
  ['-t', 'ext2', '-b', '1024'],
  ['-t', 'ext4', '-b', '1024', '-O', '^has_journal,meta_bg,^resize_inode', '-g', '256'],
  ['-t', 'ext4', '-b', '1024', '-I', '128', '-O', '^has_journal,^64bit'],
]
const SIZE = 2 ** 20
/** Bytes of files that are read whole: a sparse one may have terabytes. */
const READ = 2 ** 22

export const extImages: Parser = {
  name: 'ext2/3/4',
  async laws(held) {
    const folder = mkdtempSync(join(tmpdir(), 'ext-'))
    held.defer(() => rmSync(folder, { recursive: true, force: true }))
    const images = KINDS.map((args) => makeImage(folder, args))
    const places = await Promise.all(images.map(placesIn))
    const changed = fc.nat({ max: KINDS.length - 1 }).chain((kind) => fc.tuple(fc.constant(kind), overwrites(places[kind]!)))
    const opened = async ([kind, changes]: [number, Parameters<typeof overwritten>[1]]): Promise<ExtFileSystem> => {
      const files = await open(overwritten(images[kind]!, changes))
      requireFeatures(files.superblock)
      return files
    }
    return {
      'any superblock is read or refused': law(fc.tuple(fc.nat({ max: KINDS.length - 1 }), overwrites(Array.from({ length: 400 }, (_, at) => at))), ([kind, changes]) =>
        valueOr([ImageRefusal], () => parseSuperblock(overwritten(images[kind]!.subarray(1024, 2048), changes))),
      ),
      'a tree is walked to its end, with every link, attribute and content of a size that can be read, or refused': law(changed, (input) =>
        valueOr([ImageRefusal], async () => {
          const tree = extTree(await opened(input))
          for await (const { path, node } of walk(tree, '/')) {
            await tree.attributes(path)
            if (node.type === 'link') await realPath(tree, path)
            if (node.type === 'file') await tree.read(path, READ)
            if (node.type === 'file' && node.size <= READ) await tree.digest(path)
          }
        }),
      ),
      'where the metadata lies is found or refused': law(changed, (input) => valueOr([ImageRefusal], async () => void (await metadataBlocks(await opened(input))))),
    }
  },
}

/** As blocks of a disk are read: what lies outside is a slip of the reader. */
function open(image: Buffer): Promise<ExtFileSystem> {
  return ExtFileSystem.open(async (offset, length) => {
    if (!(Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0 && offset + length <= image.length)) throw new RangeError(`${length} bytes at ${offset} are outside`)
    return image.subarray(offset, offset + length)
  }, image.length)
}

function makeImage(folder: string, args: readonly string[]): Buffer {
  const tree = mkdtempSync(join(folder, 'tree-'))
  const image = join(folder, 'image')
  for (const path of ['etc/cloud', 'many']) mkdirSync(join(tree, path), { recursive: true })
  writeFileSync(join(tree, 'etc/os-release'), 'ID=debian\n')
  writeFileSync(join(tree, 'large'), Buffer.alloc(100_000, 'content '))
  for (let number = 0; number < 60; number++) writeFileSync(join(tree, `many/${'n'.repeat(30)}-${number}`), '')
  symlinkSync('etc/os-release', join(tree, 'short-link'))
  symlinkSync(`/${'long/'.repeat(30)}`, join(tree, 'long-link'))
  writeFileSync(join(folder, 'value'), 'value')
  writeFileSync(image, '')
  truncateSync(image, SIZE)
  const options = { env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } }
  execFileSync('mke2fs', ['-q', '-F', '-N', '128', ...args, '-d', tree, image], options)
  execFileSync('debugfs', ['-w', '-f', '-', image], { ...options, input: `ea_set -f ${join(folder, 'value')} /etc/os-release user.x\npunch large 2 2\npunch large 5 5\npunch large 8 8\npunch large 11 11\npunch large 14 14\n`, stdio: ['pipe', 'ignore', 'ignore'] })
  return readFileSync(image)
}

/** Superblock, descriptors, the first inodes, folders, maps. */
async function placesIn(image: Buffer): Promise<number[]> {
  const files = await open(image)
  const { blockSize, inodeSize, descriptorSize, groups } = files.superblock
  const places = Array.from({ length: 280 }, (_, at) => 1024 + at)
  const add = (start: number, length: number) => places.push(...Array.from({ length }, (_, at) => start + at))
  add((blockSize === 1024 ? 2 : 1) * blockSize, Math.min(4, groups) * descriptorSize)
  const tree = extTree(files)
  for (const path of ['/', '/etc', '/many', '/large', '/long-link', '/short-link', '/etc/os-release']) {
    const inode = (await tree.inode(path))!
    add(files.groups[Math.floor((inode.number - 1) / files.superblock.inodesPerGroup)]!.inodeTable * blockSize + ((inode.number - 1) % files.superblock.inodesPerGroup) * inodeSize, 200)
    const { runs, index } = await files.map(inode)
    for (const block of [...index, ...(path === '/large' ? [] : runs.slice(0, 1).map(({ physical }) => physical))]) add(block * blockSize, 120)
  }
  return places
}
