import { damaged } from './damaged.ts'

/** What stands at byte 1024 of an ext2/3/4 file system. Source: the kernel's fs/ext4/ext4.h, struct ext4_super_block. */
export interface Superblock {
  readonly blockSize: number
  readonly blocks: number
  readonly freeBlocks: number
  readonly inodes: number
  readonly freeInodes: number
  readonly firstDataBlock: number
  readonly blocksPerGroup: number
  readonly inodesPerGroup: number
  readonly inodeSize: number
  readonly firstInode: number
  readonly groups: number
  readonly descriptorSize: number
  readonly firstMetaGroup: number
  readonly reservedDescriptorBlocks: number
  readonly journalInode: number
  readonly orphanFileInode: number
  readonly features: ReadonlySet<string>
  /** Cleanly unmounted, without errors, nothing waiting in the journal and no orphans: what stands in it is all there is. */
  readonly clean: boolean
}

type Names = Readonly<Record<number, string>>
const COMPAT: Names = { 0x4: 'has_journal', 0x8: 'ext_attr', 0x10: 'resize_inode', 0x20: 'dir_index', 0x200: 'sparse_super2', 0x400: 'fast_commit', 0x1000: 'orphan_file' }
const INCOMPAT: Names = {
  0x1: 'compression', 0x2: 'filetype', 0x4: 'needs_recovery', 0x8: 'journal_dev', 0x10: 'meta_bg', 0x40: 'extents', 0x80: '64bit', 0x100: 'mmp', 0x200: 'flex_bg',
  0x400: 'ea_inode', 0x1000: 'dirdata', 0x2000: 'metadata_csum_seed', 0x4000: 'large_dir', 0x8000: 'inline_data', 0x10000: 'encrypt', 0x20000: 'casefold',
}
const RO_COMPAT: Names = {
  0x1: 'sparse_super', 0x2: 'large_file', 0x8: 'huge_file', 0x10: 'uninit_bg', 0x20: 'dir_nlink', 0x40: 'extra_isize', 0x80: 'has_snapshot', 0x100: 'quota', 0x200: 'bigalloc',
  0x400: 'metadata_csum', 0x1000: 'read-only', 0x2000: 'project', 0x8000: 'verity', 0x10000: 'orphan_present',
}

/** @param bytes the 1024 bytes of the superblock. @throws ImageRefusal when they are none, or contradict themselves */
export function parseSuperblock(bytes: Buffer): Superblock {
  if (bytes.length < 1024 || bytes.readUInt16LE(56) !== 0xef53) throw damaged('it has no superblock')
  const features = new Set([...names(COMPAT, bytes.readUInt32LE(92), 'compat'), ...names(INCOMPAT, bytes.readUInt32LE(96), 'incompat'), ...names(RO_COMPAT, bytes.readUInt32LE(100), 'ro_compat')])
  const wide = features.has('64bit')
  const blockSize = 1024 * 2 ** within(bytes.readUInt32LE(24), 0, 6, 'block size')
  const dynamic = bytes.readUInt32LE(76) >= 1
  const blocks = bytes.readUInt32LE(4) + (wide ? bytes.readUInt32LE(336) * 2 ** 32 : 0)
  const firstDataBlock = within(bytes.readUInt32LE(20), 0, 1, 'first data block')
  const blocksPerGroup = within(bytes.readUInt32LE(32), 8, 8 * blockSize * (features.has('bigalloc') ? 2 ** 16 : 1), 'blocks per group')
  const inodesPerGroup = within(bytes.readUInt32LE(40), 1, 8 * blockSize, 'inodes per group')
  const inodeSize = dynamic ? within(bytes.readUInt16LE(88), 128, blockSize, 'inode size') : 128
  if ((inodeSize & (inodeSize - 1)) !== 0) throw damaged(`its inode size is ${inodeSize}`)
  const descriptorSize = wide ? within(bytes.readUInt16LE(254), 64, blockSize, 'descriptor size') : 32
  if ((descriptorSize & (descriptorSize - 1)) !== 0) throw damaged(`its descriptor size is ${descriptorSize}`)
  const groups = Math.ceil((blocks - firstDataBlock) / blocksPerGroup)
  const inodes = bytes.readUInt32LE(0)
  if (!(groups >= 1 && groups <= 2 ** 24 && inodes === groups * inodesPerGroup)) throw damaged(`its superblock has ${inodes} inodes in ${groups} groups of ${inodesPerGroup}`)
  return {
    blockSize,
    blocks,
    freeBlocks: bytes.readUInt32LE(12) + (wide ? bytes.readUInt32LE(344) * 2 ** 32 : 0),
    inodes,
    freeInodes: bytes.readUInt32LE(16),
    firstDataBlock,
    blocksPerGroup,
    inodesPerGroup,
    inodeSize,
    firstInode: dynamic ? bytes.readUInt32LE(84) : 11,
    groups,
    descriptorSize,
    firstMetaGroup: features.has('meta_bg') ? bytes.readUInt32LE(260) : 2 ** 32,
    reservedDescriptorBlocks: features.has('resize_inode') ? within(bytes.readUInt16LE(206), 0, blockSize / 4, 'reserved descriptor blocks') : 0,
    journalInode: features.has('has_journal') ? bytes.readUInt32LE(224) : 0,
    orphanFileInode: features.has('orphan_file') ? bytes.readUInt32LE(640) : 0,
    features,
    clean: bytes.readUInt16LE(58) === 1 && !features.has('needs_recovery') && !features.has('orphan_present') && bytes.readUInt32LE(232) === 0,
  }
}

function* names(known: Names, bits: number, kind: string): Generator<string> {
  for (let bit = 0; bit < 32; bit++) {
    const mask = 2 ** bit
    if ((bits & mask) !== 0) yield known[mask] ?? `${kind}-${mask.toString(16)}`
  }
}

function within(value: number, least: number, most: number, what: string): number {
  if (!(value >= least && value <= most)) throw damaged(`its ${what} is ${value}`)
  return value
}
