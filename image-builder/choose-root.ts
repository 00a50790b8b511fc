import { ExtTree } from './ext-tree.ts'
import { listPartitions, type FileSystem, type Partition } from './partitions.ts'
import { ImageRefusal } from './refusal.ts'
import { stat } from './tree.ts'
import type { Disk } from './way.ts'

const ADVICE: Readonly<Partial<Record<FileSystem, string>>> = {
  xfs: 'its file system is XFS, which cannot be written to from outside; use an image with ext4',
  btrfs: 'its file system is btrfs, which cannot be written to from outside; use an image with ext4',
  LVM: 'it keeps its file systems in LVM; use an image with a plain ext4 partition',
  LUKS: 'it is encrypted (LUKS); use an image that is not encrypted',
}

/** Anything that only a Linux root file system has. */
const MARKS = ['/etc/os-release', '/usr/lib/os-release', '/etc/lsb-release', '/etc/debian_version', '/etc/redhat-release', '/sbin/init']

/**
 * The partition with the root file system of a Linux.
 * @throws ImageRefusal naming what is there instead
 */
export async function choosePartition(disk: Disk): Promise<Partition> {
  const partitions = await listPartitions(disk)
  const roots: Partition[] = []
  for (const partition of partitions.filter(({ holds }) => holds === 'ext')) {
    if (await looksLikeRoot(disk, partition)) roots.push(partition)
  }
  if (roots.length === 1) return roots[0]!
  if (roots.length > 1) throw new ImageRefusal(`the image has ${roots.length} Linux systems (partitions ${roots.map(({ number }) => number).join(', ')}); use one with a single system`)
  const obstacle = partitions.find(({ holds }) => ADVICE[holds] !== undefined)
  if (obstacle) throw new ImageRefusal(`the image cannot be built upon: ${ADVICE[obstacle.holds]}`)
  throw new ImageRefusal(`the image holds no Linux (${partitions.map(({ number, holds }) => `partition ${number}: ${holds}`).join(', ') || 'no partitions'}); use a disk image of an installed system`)
}

async function looksLikeRoot(disk: Disk, partition: Partition): Promise<boolean> {
  const tree = new ExtTree(disk, `${disk.file}?offset=${partition.offset}`)
  await tree.prime(MARKS).catch(() => {}) // one that cannot be read is no root
  for (const mark of MARKS) {
    const found = await stat(tree, mark).catch(() => undefined)
    if (found) return true
  }
  return false
}
