import { BlockSet } from './block-set.ts'
import { damaged } from './damaged.ts'
import type { ExtFileSystem } from './file-system.ts'
import { descriptorBlock, hasBackup } from './groups.ts'
import { FLAGS, hasBlocks, parseInode, typeOf, type Inode } from './inode.ts'

/** More than the metadata of any image that people bring. */
const MOST_BYTES = 4 * 2 ** 30

export interface MetadataBlocks {
  /** Every block that e2fsck or debugfs reads: all but the contents of files. */
  readonly metadata: BlockSet
  /** Blocks in use, but for the never written ends of inode tables. What is not in it may be written by anybody. */
  readonly used: BlockSet
}

/**
 * Where the metadata of a file system lies: superblocks, descriptors, bitmaps, inodes, folders, maps, attributes, long links, the journal's head.
 * What is missed here, e2fsck sees as zeros and complains about.
 */
export async function metadataBlocks(files: ExtFileSystem): Promise<MetadataBlocks> {
  const { superblock } = files
  const metadata = new BlockSet(superblock.blocks)
  const used = new BlockSet(superblock.blocks)
  addDescriptors(files, metadata)
  for (const group of files.groups) {
    metadata.add(group.blockBitmap)
    metadata.add(group.inodeBitmap)
  }
  for (const { start, count } of metadata.stretches()) used.add(start, count)
  await addBitmaps(files, used)
  for (const { inodeTable, unusedInodes } of files.groups) {
    metadata.add(inodeTable, Math.ceil(((superblock.inodesPerGroup - unusedInodes) * superblock.inodeSize) / superblock.blockSize))
  }
  let left = MOST_BYTES / superblock.blockSize
  for await (const inode of usedInodes(files)) {
    for await (const { start, count } of blocksOf(files, inode)) {
      metadata.add(start, count)
      left -= count
      if (left < 0) throw damaged('its metadata has no end')
    }
  }
  removeUnwrittenTables(files, used)
  return { metadata, used }
}

function addDescriptors({ superblock, groups }: ExtFileSystem, metadata: BlockSet): void {
  const { blockSize, descriptorSize, firstDataBlock, blocksPerGroup, reservedDescriptorBlocks, firstMetaGroup } = superblock
  const each = blockSize / descriptorSize
  const metaGroups = Math.ceil(groups.length / each)
  metadata.add(0)
  metadata.add(descriptorBlock(superblock, 0), metaGroups + reservedDescriptorBlocks)
  for (let group = 0; group < groups.length; group++) {
    const start = firstDataBlock + group * blocksPerGroup
    if (hasBackup(superblock, group)) metadata.add(start, 1 + Math.min(metaGroups, firstMetaGroup))
  }
  for (let nth = firstMetaGroup; nth < metaGroups; nth++) {
    for (const group of [nth * each, nth * each + 1, nth * each + each - 1].filter((number) => number < groups.length)) {
      metadata.add(firstDataBlock + group * blocksPerGroup, 2)
    }
    metadata.add(descriptorBlock(superblock, nth))
  }
}

async function addBitmaps(files: ExtFileSystem, used: BlockSet): Promise<void> {
  const { firstDataBlock, blocksPerGroup, blocks } = files.superblock
  for (const [number, group] of files.groups.entries()) {
    if (group.blocksUninitialised) continue // nothing but what has its fixed place, which is there already
    const bitmap = await files.block(group.blockBitmap)
    const start = firstDataBlock + number * blocksPerGroup
    const count = Math.min(blocksPerGroup, blocks - start)
    for (let at = 0; at < count; at++) if ((bitmap[at >>> 3]! & (1 << (at & 7))) !== 0) used.add(start + at)
  }
}

/** Every inode that somebody uses, and the file system's own. */
async function* usedInodes(files: ExtFileSystem): AsyncGenerator<Inode> {
  const { inodeSize, blockSize, inodesPerGroup, firstInode } = files.superblock
  const each = blockSize / inodeSize
  for (const [group, { inodeTable, unusedInodes }] of files.groups.entries()) {
    const written = inodesPerGroup - unusedInodes
    await files.readAhead(inodeTable, Math.ceil(written / each))
    for (let at = 0; at < written; at += each) {
      const block = await files.block(inodeTable + at / each)
      for (let inner = 0; inner < each && at + inner < written; inner++) {
        const inode = parseInode(group * inodesPerGroup + at + inner + 1, block.subarray(inner * inodeSize, (inner + 1) * inodeSize))
        if (inode.links > 0 || inode.number < firstInode) yield inode
      }
    }
  }
}

/** What an inode points to, but for the contents of ordinary files. */
async function* blocksOf(files: ExtFileSystem, inode: Inode): AsyncGenerator<{ readonly start: number; readonly count: number }> {
  const { journalInode, orphanFileInode, firstInode, blocks } = files.superblock
  if (inode.attributeBlock !== 0 && inode.attributeBlock < blocks) yield { start: inode.attributeBlock, count: 1 }
  const special = inode.number < firstInode || inode.number === orphanFileInode
  if (!hasBlocks(inode) || (!special && hasWholeMapInside(inode))) return
  const { runs, index } = await files.map(inode)
  for (const start of index) yield { start, count: 1 }
  if (inode.number === journalInode) {
    if (runs[0]) yield { start: runs[0].physical, count: 1 }
  } else if (typeOf(inode) !== 'file' || inode.number === orphanFileInode) {
    for (const { physical, count } of runs) yield { start: physical, count }
  }
}

/** As nearly all files have it: there is nothing to look for. */
function hasWholeMapInside(inode: Inode): boolean {
  return typeOf(inode) === 'file' && (inode.flags & FLAGS.extents) !== 0 && inode.map.readUInt16LE(6) === 0
}

function removeUnwrittenTables(files: ExtFileSystem, used: BlockSet): void {
  const { inodesPerGroup, inodeSize, blockSize } = files.superblock
  for (const { inodeTable, unusedInodes } of files.groups) {
    const first = Math.ceil(((inodesPerGroup - unusedInodes) * inodeSize) / blockSize)
    used.remove(inodeTable + first, Math.ceil((inodesPerGroup * inodeSize) / blockSize) - first)
  }
}
