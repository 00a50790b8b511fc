import { ImageRefusal } from '../refusal.ts'
import type { Blocks } from './blocks.ts'
import { readTable, type Place } from './partition-table.ts'

export interface Partition {
  /** 0 when the whole disk is one file system. */
  readonly number: number
  /** Bytes. */
  readonly offset: number
  readonly size: number
  readonly holds: FileSystem
}

export type FileSystem = 'ext' | 'xfs' | 'btrfs' | 'LVM' | 'LUKS' | 'swap' | 'vfat' | 'unknown'

/**
 * All partitions of the disk with what is in them; the disk itself when it has no partition table.
 * @throws ImageRefusal when there is neither a table nor a file system, or the table does not fit the disk
 */
export async function listPartitions(disk: Blocks, place: Place): Promise<Partition[]> {
  const whole = await signatureAt(disk, 0)
  if (whole !== 'unknown') return [{ number: 0, offset: 0, size: disk.size, holds: whole }]
  const table = await readTable(disk, place)
  if (!table) throw new ImageRefusal('this is no disk image: it has neither a partition table nor a file system')
  const found: Partition[] = []
  for (const { number, offset, size } of table.entries) {
    if (offset + size > disk.size) throw new ImageRefusal(`the image is truncated: partition ${number} ends at byte ${offset + size}, the disk has ${disk.size}`)
    found.push({ number, offset, size, holds: await signatureAt(disk, offset) })
  }
  return found
}

const SIGNATURES: readonly (readonly [FileSystem, number, Buffer])[] = [
  ['LUKS', 0, Buffer.from('LUKS\xba\xbe', 'latin1')],
  ['xfs', 0, Buffer.from('XFSB')],
  ['LVM', 512, Buffer.from('LABELONE')],
  ['btrfs', 0x10040, Buffer.from('_BHRfS_M')],
  ['swap', 4086, Buffer.from('SWAPSPACE2')],
  ['vfat', 82, Buffer.from('FAT32')],
  ['vfat', 54, Buffer.from('FAT1')],
  ['ext', 1080, Buffer.from([0x53, 0xef])],
]
const LONGEST = 0x10100

async function signatureAt(disk: Blocks, offset: number): Promise<FileSystem> {
  const bytes = await disk.read(offset, Math.min(LONGEST, disk.size - offset))
  return SIGNATURES.find(([, at, magic]) => bytes.subarray(at, at + magic.length).equals(magic))?.[0] ?? 'unknown'
}
