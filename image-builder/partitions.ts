import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { ImageRefusal } from './refusal.ts'
import { runTool } from './run-tool.ts'
import type { Disk } from './way.ts'

export interface Partition {
  /** 0 when the whole disk is one file system. */
  readonly number: number
  /** Bytes. */
  readonly offset: number
  readonly size: number
  readonly holds: FileSystem
}

export type FileSystem = 'ext' | 'xfs' | 'btrfs' | 'LVM' | 'LUKS' | 'swap' | 'vfat' | 'unknown'

/** All partitions of the disk with what is in them; the disk itself when it has no partition table. */
export async function listPartitions(disk: Disk): Promise<Partition[]> {
  const whole = await signatureAt(disk, 0)
  if (whole !== 'unknown') return [{ number: 0, offset: 0, size: disk.size, holds: whole }]
  const ran = await runTool('sfdisk', ['-J', disk.file], { cwd: disk.folder, signal: disk.signal })
  if (ran.code !== 0) throw new ImageRefusal('this is no disk image: it has neither a partition table nor a file system')
  const table = (JSON.parse(ran.stdout.toString('utf8')) as { partitiontable: PartitionTable }).partitiontable
  // A GPT whose end is missing counts as none; what is left is the entry that keeps MBR tools off.
  if (table.label === 'dos' && table.partitions?.some(({ type }) => type === 'ee')) {
    throw new ImageRefusal('the image is truncated or damaged: its GPT partition table does not fit the disk')
  }
  const sector = table.sectorsize ?? 512
  const found: Partition[] = []
  for (const [index, { start, size }] of (table.partitions ?? []).entries()) {
    if (!(Number.isSafeInteger(start) && Number.isSafeInteger(size) && start >= 0 && size > 0)) continue
    const offset = start * sector
    if (offset + size * sector > disk.size) {
      throw new ImageRefusal(`the image is truncated: partition ${index + 1} ends at byte ${offset + size * sector}, the disk has ${disk.size}`)
    }
    found.push({ number: index + 1, offset, size: size * sector, holds: await signatureAt(disk, offset) })
  }
  return found
}

interface PartitionTable {
  readonly label?: string
  readonly sectorsize?: number
  readonly partitions?: readonly { readonly start: number; readonly size: number; readonly type?: string }[]
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

async function signatureAt(disk: Disk, offset: number): Promise<FileSystem> {
  const handle = await open(join(disk.folder, disk.file), 'r')
  try {
    const { buffer } = await handle.read(Buffer.alloc(0x10100), 0, 0x10100, offset)
    return SIGNATURES.find(([, at, magic]) => buffer.subarray(at, at + magic.length).equals(magic))?.[0] ?? 'unknown'
  } finally {
    await handle.close()
  }
}
