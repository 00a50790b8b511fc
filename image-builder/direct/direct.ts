import { open as openFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Change } from '../change.ts'
import { growDisk, growPartition } from '../container/grow.ts'
import { listPartitions, type Partition } from '../container/partitions.ts'
import { openBlocks } from '../container/storage-daemon.ts'
import { damaged } from '../ext/damaged.ts'
import { extTree, type ExtTree } from '../ext/ext-tree.ts'
import { ExtFileSystem } from '../ext/file-system.ts'
import type { Inode } from '../ext/inode.ts'
import { readBack } from '../read-back.ts'
import { BuildFailure } from '../refusal.ts'
import { runTool, said } from '../run-tool.ts'
import type { Attributes } from '../tree.ts'
import type { OpenImage, Say, Way, WorkImage } from '../way.ts'
import { chooseRoot } from './choose-root.ts'
import { renderCommands } from './commands.ts'
import { fill, largeFiles, layEmpty, reserve } from './large-files.ts'
import { needsWholeCopy, requireFeatures } from './features.ts'
import { enlarge, recover, requireSound, requireStillSound } from './fsck.ts'
import { overwritePrivate } from './overwrite-private.ts'
import { shadowOfEverything, shadowOfMetadata, transfer, type Part, type Shadow } from './shadow.ts'
import { slice } from './slice.ts'
import { leavingInodes, standingOf, type Standing } from './standing.ts'

/**
 * ext2/3/4 inside a qcow2, through QEMU's storage daemon (as blocks over NBD) and e2fsprogs: no mount, no root, no appliance, no FUSE.
 * We read the file system ourselves. To write, its metadata alone is laid into a sparse file, debugfs works on that between two e2fsck, and what it
 * changed is brought back. debugfs reports no failure by its exit code, overwrites under a dirty journal and is not crash safe: so it never
 * sees the image itself, and every change is read back from it.
 */
export const direct: Way = { name: 'direct', open }

async function open(image: WorkImage, { grow, say = () => {} }: { readonly grow?: number | undefined; readonly say?: Say } = {}): Promise<OpenImage> {
  const work = grow === undefined ? image : await growDisk(image, grow)
  await using stack = new AsyncDisposableStack()
  const disk = stack.use(await openBlocks(work))
  const folders = { folder: work.folder, signal: work.signal }
  let partition = await chooseRoot(disk, await listPartitions(disk, folders))
  const partOf = ({ offset, size }: Partition): Part => ({ work, offset, blocks: slice(disk, offset, size) })
  requireFeatures((await readFiles(partOf(partition))).superblock)
  await replayed(partOf(partition), say)
  if (grow !== undefined) {
    const before = partOf(partition)
    partition = await growPartition(disk, partition, folders)
    await grown(before, partOf(partition), say)
  }
  const part = partOf(partition)
  let files = await readFiles(part)
  let tree = extTree(files)
  const { freeBlocks, blocks, blockSize, freeInodes } = files.superblock
  const opened = stack.move()
  return {
    get tree() {
      return tree
    },
    description: partition.number === 0 ? 'the whole disk, ext' : `partition ${partition.number}, ext`,
    space: { freeBytes: freeBlocks * blockSize, totalBytes: blocks * blockSize, blockSize, freeInodes },
    async apply(changes, tell) {
      await write(part, files, changes, tell)
      files = await readFiles(part)
      tree = extTree(files)
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

async function readFiles({ blocks }: Part): Promise<ExtFileSystem> {
  return await ExtFileSystem.open((offset, length) => blocks.read(offset, length), blocks.size)
}

/** What stands in the journal is part of the image. Replaying it may write anywhere, so it is done on a copy of everything. */
async function replayed(part: Part, say: Say): Promise<void> {
  const { superblock } = await readFiles(part)
  if (superblock.clean) return
  say('replaying the journal')
  await on(part, await shadowOfEverything(part, superblock.blockSize), async ({ file }) => {
    await recover(part.work, file)
    await requireSound(part.work, file)
  })
}

/** resize2fs may move content out of its way, so it gets all of it. */
async function grown(before: Part, after: Part, say: Say): Promise<void> {
  const { superblock } = await readFiles(before)
  say('enlarging the file system')
  await on(after, await shadowOfEverything(before, superblock.blockSize, after.blocks.size), async ({ file }) => {
    await enlarge(after.work, file)
    await requireSound(after.work, file)
  })
}

async function write(part: Part, files: ExtFileSystem, changes: readonly Change[], say: Say = () => {}): Promise<void> {
  const { work } = part
  const tree = extTree(files)
  const standing = await standingOf(tree, changes, work.folder)
  const kept = await attributesOf(tree, standing)
  const whole = needsWholeCopy(files.superblock)
  const leaving = await leavingInodes(tree, standing)
  const shadow = whole ? await shadowOfEverything(part, files.blockSize) : await shadowOfMetadata(part, files, leaving)
  const large = whole ? [] : largeFiles(standing, files.superblock)
  await on(part, shadow, async ({ file }) => {
    await requireSound(work, file)
    await overwritten(part, whole ? file : undefined, files, leaving)
    const empty = await layEmpty(work.folder)
    const made = standing.map((each) => (large.some(({ standing: one }) => one === each) ? { ...each, source: empty } : each))
    await debugfs(work, file, renderCommands(made) + large.map((each) => reserve(each, files.blockSize)).join(''))
    for (const each of large) {
      await debugfs(work, file, await fill(part, shadow, each))
    }
    await requireStillSound(work, file)
  }, (bytes) => say(`${Math.round(bytes / 1e6)} MB`))
  await readBack(extTree(await readFiles(part)), standing, kept)
}

/** @param file the shadow, where it has all content and what is in it counts */
async function overwritten({ work, blocks }: Part, file: string | undefined, files: ExtFileSystem, leaving: readonly Inode[]): Promise<void> {
  if (file === undefined) return await overwritePrivate((at, bytes) => blocks.write(at, bytes), files, leaving)
  await using shadow = await openFile(join(work.folder, file), 'r+')
  await overwritePrivate((at, bytes) => shadow.write(bytes, 0, bytes.length, at), files, leaving)
}

async function debugfs(work: WorkImage, file: string, commands: string): Promise<void> {
  const ran = await runTool('debugfs', ['-w', '-f', '-', file], { cwd: work.folder, signal: work.signal, input: commands, seconds: 600 })
  if (/while trying to open/.test(ran.stderr)) throw damaged(said(ran))
  if (ran.code !== 0 || !ONLY_VERSION.test(ran.stderr)) throw new BuildFailure(`writing into the image failed: ${said(ran)}`)
}

/** stderr of a debugfs that had nothing to say against anything. It reports no failure in any other way. */
const ONLY_VERSION = /^debugfs [0-9][^\n]*\n?$/

/** Works on the shadow, then brings what changed into the image. */
async function on(part: Part, shadow: Shadow, act: (shadow: Shadow) => Promise<void>, say?: (bytes: number) => void): Promise<void> {
  await act(shadow)
  await transfer(part, shadow, say)
  await part.blocks.flush()
  await rm(join(part.work.folder, shadow.file))
}

async function attributesOf(tree: ExtTree, standing: readonly Standing[]): Promise<ReadonlyMap<string, Attributes>> {
  const edited = standing.filter(({ change, node }) => change.kind === 'edit' && node)
  return new Map(await Promise.all(edited.map(async ({ path }) => [path, await tree.attributes(path)] as const)))
}
