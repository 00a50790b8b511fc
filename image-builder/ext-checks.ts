import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Partition } from './partitions.ts'
import { BuildFailure, ImageRefusal } from './refusal.ts'
import { runTool, said, type Ran } from './run-tool.ts'
import type { Disk } from './way.ts'

/** What debugfs writes wrongly, or only after long waiting; each was seen to damage files or to be beyond what e2fsck notices. */
const REFUSED: Readonly<Record<string, string>> = {
  casefold: 'names are compared without case there, debugfs compares with it',
  encrypt: 'debugfs would write plain names into encrypted folders',
  inline_data: 'sparse files would be cut',
  ea_inode: 'large attributes would be damaged',
  mmp: 'another host may have it mounted (multi-mount protection)',
  journal_dev: 'it is a journal, no file system',
}

export interface Space {
  readonly freeBytes: number
  readonly blockSize: number
  readonly freeInodes: number
}

/**
 * Refuses what this way cannot write to, replays the journal and makes sure that the file system is whole.
 * @throws ImageRefusal naming the feature
 */
export async function prepareFileSystem(disk: Disk, device: string, { offset, size }: Partition): Promise<Space> {
  const before = superblock(await tool(disk, 'dumpe2fs', ['-h', device]))
  const features = before('Filesystem features').split(/\s+/)
  const refused = features.find((feature) => Object.hasOwn(REFUSED, feature))
  if (refused !== undefined) {
    throw new ImageRefusal(`the image's ext file system has the feature ${refused}: ${REFUSED[refused]}. Use an image whose file system was made without it (mkfs.ext4 -O ^${refused})`)
  }
  const blockSize = Number(before('Block size'))
  if (!(Number(before('Block count')) * blockSize <= size)) {
    throw new ImageRefusal(`the image is truncated: its file system has ${before('Block count')} blocks of ${blockSize} bytes, there is room for ${size} bytes`)
  }
  if (features.includes('needs_recovery')) await replayJournal(disk, offset, size)
  const replay = await tool(disk, 'e2fsck', ['-p', device])
  if (replay.code > 1) throw new ImageRefusal(`the image's file system is damaged: ${said(replay)}. Type: e2fsck -f on it, then build again`)
  const sound = await tool(disk, 'e2fsck', ['-fn', device])
  if (sound.code !== 0) throw new ImageRefusal(`the image's file system is damaged: ${complaint(sound)}. Type: e2fsck -f on it, then build again`)
  const after = superblock(await tool(disk, 'dumpe2fs', ['-h', device]))
  return { freeBytes: Number(after('Free blocks')) * blockSize, blockSize, freeInodes: Number(after('Free inodes')) }
}

/** After writing: what e2fsck mends by itself (quota figures) is mended; anything more means that the copy is thrown away. */
export async function checkFileSystem(disk: Disk, device: string): Promise<void> {
  if ((await tool(disk, 'e2fsck', ['-fn', device])).code === 0) return
  const mended = await tool(disk, 'e2fsck', ['-fp', device])
  if (mended.code > 1) throw new BuildFailure(`the file system is not sound after writing: ${said(mended)}`)
  const sound = await tool(disk, 'e2fsck', ['-fn', device])
  if (sound.code !== 0) throw new BuildFailure(`the file system is not sound after writing: ${complaint(sound)}`)
}

/**
 * e2fsck opens the file anew after a replay and forgets the offset then (seen with 1.47.0: "Bad magic number … while trying to
 * re-open"). So the partition is cut out, replayed as a file of its own and put back; both copies are sparse.
 */
async function replayJournal(disk: Disk, offset: number, size: number): Promise<void> {
  const part = 'partition.raw'
  const place = `driver=raw,offset=${offset},size=${size},file.driver=file,file.filename=${disk.file}`
  const copy = async (args: readonly string[]) => {
    const ran = await tool(disk, 'qemu-img', ['convert', ...args])
    if (ran.code !== 0) throw new BuildFailure(`the journal of the image's file system could not be replayed: ${said(ran)}`)
  }
  await copy(['--image-opts', place, '-O', 'raw', part])
  const replay = await tool(disk, 'e2fsck', ['-p', part])
  if (replay.code > 1) throw new ImageRefusal(`the journal of the image's file system cannot be replayed: ${said(replay)}. Type: e2fsck -f on it, then build again`)
  await copy(['-n', '-f', 'raw', '--target-image-opts', part, place])
  await rm(join(disk.folder, part))
}

function tool(disk: Disk, name: string, args: readonly string[]): Promise<Ran> {
  return runTool(name, args, { cwd: disk.folder, signal: disk.signal, seconds: 300 })
}

function superblock(ran: Ran): (field: string) => string {
  const text = ran.stdout.toString('utf8')
  if (ran.code !== 0 || !text.includes('Filesystem features')) throw new ImageRefusal(`the image's ext file system cannot be read: ${said(ran)}`)
  return (field) => new RegExp(`^${field}:\\s+(.*)$`, 'm').exec(text)?.[1]?.trim() ?? ''
}

function complaint(ran: Ran): string {
  const line = ran.stdout.toString('utf8').split('\n').find((text) => /\?|error|invalid|corrupt/i.test(text) && !/^Pass/.test(text))
  return (line ?? said(ran)).replace(/\s*(Fix|Clear|Ignore)\?.*$/, '').trim().slice(0, 200)
}
