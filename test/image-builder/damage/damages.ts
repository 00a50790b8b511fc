import { ExtFileSystem } from '../../../image-builder/ext/file-system.ts'

/** From 0 to 1. */
export type Random = () => number

/** Where what lies in a raw disk, in bytes. */
export interface Regions {
  readonly superblock: Region
  readonly descriptors: Region
  readonly bitmaps: readonly Region[]
  readonly inodes: Region
  readonly folders: readonly Region[]
  readonly journal: Region
  readonly table: Region
}

interface Region {
  readonly start: number
  readonly length: number
}

/** @param offset of the file system on the disk */
export async function regionsOf(disk: Buffer, offset: number): Promise<Regions> {
  const part = disk.subarray(offset)
  const files = await ExtFileSystem.open(async (at, length) => part.subarray(at, at + length), part.length)
  const { blockSize, journalInode } = files.superblock
  const group = files.groups[0]!
  const blocks = (start: number, count: number) => ({ start: offset + start * blockSize, length: count * blockSize })
  const folders: Region[] = []
  const enter = async (number: number): Promise<void> => {
    const inode = await files.inode(number)
    if ((inode.mode & 0xf000) !== 0x4000) return
    for (const { physical, count } of (await files.map(inode)).runs) folders.push(blocks(physical, count))
    for (const child of (await files.folder(inode)).values()) await enter(child)
  }
  await enter(2)
  const journal = journalInode === 0 ? undefined : (await files.map(await files.inode(journalInode))).runs[0]
  return {
    superblock: { start: offset + 1024, length: 1024 },
    descriptors: blocks(Math.floor(1024 / blockSize) + 1, 1),
    bitmaps: [blocks(group.blockBitmap, 1), blocks(group.inodeBitmap, 1)],
    inodes: blocks(group.inodeTable, 40),
    folders,
    journal: journal ? blocks(journal.physical, Math.min(journal.count, 64)) : { start: offset + 1024, length: 1024 },
    table: { start: 0, length: 34 * 512 },
  }
}

/** Ways to spoil a raw disk. */
export const DISK_DAMAGES: Readonly<Record<string, (disk: Buffer, regions: Regions, random: Random) => void>> = {
  'bits of the superblock': (disk, { superblock }, random) => flip(disk, superblock, random, 4),
  'a field of the superblock': (disk, { superblock }, random) => absurd(disk, { ...superblock, length: 700 }, random),
  'a field of the group descriptors': (disk, { descriptors }, random) => absurd(disk, { ...descriptors, length: 64 }, random),
  'bits of the group descriptors': (disk, { descriptors }, random) => flip(disk, { ...descriptors, length: 256 }, random, 3),
  'bits of the bitmaps': (disk, { bitmaps }, random) => flip(disk, pick(bitmaps, random), random, 8),
  'bits of the inodes': (disk, { inodes }, random) => flip(disk, inodes, random, 12),
  'fields of the inodes': (disk, { inodes }, random) => times(6, () => absurd(disk, inodes, random)),
  'bits of the folders': (disk, { folders }, random) => flip(disk, pick(folders, random), random, 6),
  'a field of a folder': (disk, { folders }, random) => absurd(disk, pick(folders, random), random),
  'folders that lead to each other': (disk, { folders }, random) => swap(disk, folders, random),
  'bits of the journal': (disk, { journal }, random) => flip(disk, journal, random, 10),
  'a field of the journal': (disk, { journal }, random) => absurd(disk, { ...journal, length: 256 }, random),
  'a journal that waits to be replayed': (disk, { superblock, journal }, random) => {
    disk[superblock.start + 96]! |= 4 // needs_recovery
    disk.writeUInt32BE(1 + below(random, 20), journal.start + 28) // s_start
    flip(disk, journal, random, 2)
  },
  'an orphan that is none': (disk, { superblock }, random) => void disk.writeUInt32LE(below(random, 2000), superblock.start + 232),
  'bits of the partition table': (disk, { table }, random) => flip(disk, table, random, 3),
  'a field of the partition table': (disk, { table }, random) => absurd(disk, { start: table.start + 446, length: 1024 }, random),
}

/** Ways to spoil the container. */
export const CONTAINER_DAMAGES: Readonly<Record<string, (file: Buffer, random: Random) => Buffer>> = {
  'bits of the header': (file, random) => (flip(file, { start: 4, length: 108 }, random, 2), file),
  'a field of the header': (file, random) => (absurd(file, { start: 4, length: 100 }, random), file),
  'bits of the tables': (file, random) => (flip(file, { start: 65536, length: 4 * 65536 }, random, 6), file),
  'an entry of the tables': (file, random) => (absurd(file, { start: 65536, length: 4 * 65536 }, random), file),
  'a table that names itself': (file, random) => {
    const first = Number(file.readBigUInt64BE(40)) // l1_table_offset
    file.writeBigUInt64BE(BigInt(first) | 1n << 63n, first + 8 * below(random, 2))
    return file
  },
  'an end that is missing': (file, random) => file.subarray(0, below(random, file.length)),
}

function flip(bytes: Buffer, { start, length }: Region, random: Random, most: number): void {
  times(1 + below(random, most), () => {
    const at = start + below(random, Math.min(length, bytes.length - start))
    bytes[at]! ^= 1 << below(random, 8)
  })
}

/** A field of 32 bits gets a number that nobody expects. */
function absurd(bytes: Buffer, { start, length }: Region, random: Random): void {
  const at = start + 4 * below(random, Math.floor(Math.min(length, bytes.length - start) / 4))
  bytes.writeUInt32LE(pick([0, 1, 0xffffffff, 0x80000000, 0x7fffffff, below(random, 2 ** 32)], random), at)
}

function swap(bytes: Buffer, regions: readonly Region[], random: Random): void {
  const [one, other] = [pick(regions, random), pick(regions, random)]
  const length = Math.min(one.length, other.length)
  const kept = Buffer.from(bytes.subarray(one.start, one.start + length))
  bytes.copy(bytes, one.start, other.start, other.start + length)
  kept.copy(bytes, other.start)
}

function pick<T>(from: readonly T[], random: Random): T {
  return from[below(random, from.length)]!
}

function times(count: number, act: () => void): void {
  for (let done = 0; done < count; done++) act()
}

function below(random: Random, end: number): number {
  return Math.floor(random() * end)
}
