import { damaged } from './damaged.ts'
import type { Superblock } from './superblock.ts'

/** A group descriptor. Numbers of blocks; source: fs/ext4/ext4.h, struct ext4_group_desc. */
export interface Group {
  readonly blockBitmap: number
  readonly inodeBitmap: number
  readonly inodeTable: number
  /** The block bitmap was never written. */
  readonly blocksUninitialised: boolean
  /** Inodes at the end of the table that were never written. */
  readonly unusedInodes: number
}

export async function readGroups(superblock: Superblock, read: (offset: number, length: number) => Promise<Buffer>): Promise<Group[]> {
  const { blockSize, blocks, groups, descriptorSize, inodesPerGroup, inodeSize, features } = superblock
  const tableBlocks = Math.ceil((inodesPerGroup * inodeSize) / blockSize)
  const each = blockSize / descriptorSize
  const found: Group[] = []
  const counted = features.has('uninit_bg') || features.has('metadata_csum')
  for (let first = 0; first < groups; first += each) {
    const bytes = await read(descriptorBlock(superblock, first / each) * blockSize, blockSize)
    for (let at = 0; at < each && first + at < groups; at++) {
      const entry = bytes.subarray(at * descriptorSize, (at + 1) * descriptorSize)
      const wide = (low: number, high: number) => entry.readUInt32LE(low) + (descriptorSize >= 64 ? entry.readUInt32LE(high) * 2 ** 32 : 0)
      const group = { blockBitmap: wide(0, 32), inodeBitmap: wide(4, 36), inodeTable: wide(8, 40) }
      const inside = (block: number, count: number) => block >= superblock.firstDataBlock && block + count <= blocks
      if (!inside(group.blockBitmap, 1) || !inside(group.inodeBitmap, 1) || !inside(group.inodeTable, tableBlocks)) throw damaged(`group ${first + at} lies outside the file system`)
      const flags = counted ? entry.readUInt16LE(18) : 0
      const unused = entry.readUInt16LE(28) + (descriptorSize >= 64 ? entry.readUInt16LE(50) * 2 ** 16 : 0)
      if (counted && unused > inodesPerGroup) throw damaged(`group ${first + at} has ${unused} unused inodes of ${inodesPerGroup}`)
      const inodesUninitialised = (flags & 1) !== 0
      found.push({ ...group, blocksUninitialised: (flags & 2) !== 0, unusedInodes: !counted ? 0 : inodesUninitialised ? inodesPerGroup : unused })
    }
  }
  return found
}

/** The block with the descriptors of the nth meta group (as many groups as fit into a block of descriptors). */
export function descriptorBlock(superblock: Superblock, nth: number): number {
  const { firstDataBlock, firstMetaGroup, blocksPerGroup, blockSize, descriptorSize } = superblock
  if (nth < firstMetaGroup) return Math.floor(1024 / blockSize) + 1 + nth // behind the superblock, which stands at byte 1024
  const group = nth * (blockSize / descriptorSize)
  return firstDataBlock + group * blocksPerGroup + (hasBackup(superblock, group) ? 1 : 0)
}

/** Whether a group begins with a copy of the superblock. */
export function hasBackup({ features }: Superblock, group: number): boolean {
  if (group === 0) return true
  if (!features.has('sparse_super')) return true
  return group === 1 || [3, 5, 7].some((base) => isPower(group, base))
}

function isPower(number: number, base: number): boolean {
  let power = base
  while (power < number) power *= base
  return power === number
}
