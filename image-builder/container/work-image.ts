import { chmod, stat, symlink } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { BuildFailure, ImageRefusal } from '../refusal.ts'
import { runTool, said } from '../run-tool.ts'
import type { Say, WorkImage } from '../way.ts'
import type { Blockdev, Source } from './source.ts'

const FILE = 'work.qcow2'
const TELL_MS = 200
/** Bytes of a backing file's name in a qcow2 header. */
const LONGEST_NAME = 1023

export interface WorkOptions {
  readonly folder: string
  readonly keyFile?: string | undefined
  readonly signal?: AbortSignal | undefined
  readonly say?: Say
}

/** A qcow2 that stands alone, without internal snapshots, with the source's content. @throws BuildFailure */
export async function copyOf(source: Source, options: WorkOptions): Promise<WorkImage> {
  const path = join(options.folder, FILE)
  await watched(path, options.say, async () => {
    await (source.copyable ? copy : convert)(source, options)
  })
  return await workImage(source, options)
}

/** A thin layer over the source, to look at it, and to replay its journal without changing it. @throws BuildFailure */
export async function overlayOver(source: Source, options: WorkOptions): Promise<WorkImage> {
  const { folder, signal } = options
  const named = (blockdev: Blockdev) => `json:${JSON.stringify(blockdev)}`
  const short = Buffer.byteLength(named(source.blockdev)) <= LONGEST_NAME
  const below = named(short ? source.blockdev : await linked(source.blockdev, folder))
  if (Buffer.byteLength(below) > LONGEST_NAME) throw new ImageRefusal(`${source.path} has too many backing files. Type: qemu-img convert -O qcow2 FILE FILE.qcow2`)
  const ran = await runTool('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', source.format, '-u', '-b', below, FILE, String(source.virtualSize)], { cwd: folder, signal })
  if (ran.code !== 0) throw new BuildFailure(`a layer over ${source.path} could not be made: ${said(ran)}`)
  return await workImage(source, options)
}

/** The same files under short names in the work folder. */
async function linked(blockdev: Blockdev, folder: string, depth = 0): Promise<Blockdev> {
  const filename = join(folder, `base${depth}`)
  await symlink(blockdev.file.filename, filename)
  const backing = blockdev.backing && { backing: await linked(blockdev.backing, folder, depth + 1) }
  return { ...blockdev, file: { ...blockdev.file, filename }, ...backing }
}

async function workImage({ virtualSize }: Source, { folder, keyFile, signal }: WorkOptions): Promise<WorkImage> {
  await chmod(join(folder, FILE), 0o600) // secrets go into it
  return { folder, file: FILE, size: Math.ceil(virtualSize / 512) * 512, keyFile, signal }
}

/** A process of its own can be ended in the middle. */
async function copy({ path }: Source, { folder, signal }: WorkOptions): Promise<void> {
  const ran = await runTool('cp', ['--reflink=auto', '--sparse=auto', '--no-preserve=all', '--', resolve(path), FILE], { cwd: folder, signal, seconds: 1800 })
  if (ran.code !== 0) throw new BuildFailure(`${path} could not be copied: ${said(ran)}`)
}

async function convert({ path, blockdev }: Source, { folder, signal }: WorkOptions): Promise<void> {
  const ran = await runTool('qemu-img', ['convert', '-U', '-O', 'qcow2', `json:${JSON.stringify(blockdev)}`, FILE], { cwd: folder, signal, seconds: 1800 })
  if (ran.code !== 0) throw new BuildFailure(`${path} could not be copied: ${said(ran)}`)
}

/** Tells bytes and rate while a file grows. */
async function watched(path: string, say: Say | undefined, act: () => Promise<void>): Promise<void> {
  const began = performance.now()
  const timer = setInterval(async () => {
    const size = (await stat(path).catch(() => undefined))?.size ?? 0
    say?.(`${Math.round(size / 1e6)} MB, ${Math.round(size / 1e3 / (performance.now() - began))} MB/s`)
  }, TELL_MS)
  try {
    await act()
  } finally {
    clearInterval(timer)
  }
}
