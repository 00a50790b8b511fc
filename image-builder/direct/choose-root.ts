import type { Blocks } from '../container/blocks.ts'
import type { FileSystem, Partition } from '../container/partitions.ts'
import { ExtFileSystem } from '../ext/file-system.ts'
import { extTree } from '../ext/ext-tree.ts'
import { ImageRefusal, NotThisWay } from '../refusal.ts'
import { readText, stat } from '../tree.ts'
import { requireFeatures } from './features.ts'
import { slice } from './slice.ts'

/** What may hold a Linux that only the other way can reach. */
const ELSEWHERE: Readonly<Partial<Record<FileSystem, string>>> = { xfs: 'XFS', btrfs: 'btrfs', LVM: 'LVM', LUKS: 'LUKS' }

/** Anything that only a Linux root file system has. */
const MARKS = ['/etc/os-release', '/usr/lib/os-release', '/etc/lsb-release', '/etc/debian_version', '/etc/redhat-release', '/sbin/init']

/** Where the builder writes, or must look. */
const OURS = ['/usr', '/etc', '/opt', '/var', '/var/lib', '/var/log', '/home', '/root', '/usr/lib', '/usr/local']

/**
 * The partition with the root file system of a Linux, and of all that matters of it.
 * @throws NotThisWay when it, or a part of it, is where ext tools cannot reach; ImageRefusal when there is no Linux or more than one
 */
export async function chooseRoot(disk: Blocks, partitions: readonly Partition[]): Promise<Partition> {
  const roots: Partition[] = []
  const unread: ImageRefusal[] = []
  for (const partition of partitions.filter(({ holds }) => holds === 'ext')) {
    const isRoot = await looksLikeRoot(disk, partition)
    if (isRoot === true) roots.push(partition)
    else if (isRoot) unread.push(isRoot)
  }
  if (roots.length > 1) throw new ImageRefusal(`the image has ${roots.length} Linux systems (partitions ${roots.map(({ number }) => number).join(', ')}); use one with a single system`)
  const [root] = roots
  if (root) {
    await requireWhole(disk, root)
    return root
  }
  const beyondUs = unread.find((reason) => reason instanceof NotThisWay)
  if (beyondUs) throw beyondUs
  const elsewhere = partitions.map(({ holds }) => ELSEWHERE[holds]).find((name) => name !== undefined)
  if (elsewhere !== undefined) throw new NotThisWay(`its system is on ${elsewhere}`)
  if (unread[0]) throw unread[0]
  throw new ImageRefusal(`the image holds no Linux (${partitions.map(({ number, holds }) => `partition ${number}: ${holds}`).join(', ') || 'no partitions'}); use a disk image of an installed system`)
}

/** @returns of one that is damaged, or beyond ext tools: why it cannot be told */
async function looksLikeRoot(disk: Blocks, partition: Partition): Promise<boolean | ImageRefusal> {
  try {
    const files = await filesOf(disk, partition)
    requireFeatures(files.superblock)
    const tree = extTree(files)
    for (const mark of MARKS) if (await stat(tree, mark)) return true
    return false
  } catch (error) {
    if (error instanceof ImageRefusal) return error
    throw error
  }
}

/** A separate /usr or /var belongs to the system as much as the root does. */
async function requireWhole(disk: Blocks, root: Partition): Promise<void> {
  const fstab = (await readText(extTree(await filesOf(disk, root)), '/etc/fstab')) ?? ''
  const mounted = fstab.split('\n').flatMap((line) => /^\s*[^#\s]\S*\s+(\/\S*)\s/.exec(line)?.[1] ?? [])
  const separate = mounted.find((path) => OURS.includes(path.replace(/(.)\/+$/, '$1')))
  if (separate !== undefined) throw new NotThisWay(`${separate} is a file system of its own (/etc/fstab)`)
}

function filesOf(disk: Blocks, { offset, size }: Partition): Promise<ExtFileSystem> {
  const part = slice(disk, offset, size)
  return ExtFileSystem.open((at, length) => part.read(at, length), size)
}
