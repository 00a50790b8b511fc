import { chmod, open, rename, stat, statfs } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { examineBase, type BaseImage } from './base-image.ts'
import { describeChange, sizeOf } from './change.ts'
import { directExt } from './direct-ext.ts'
import { digestOfFile, preparePayload } from './payload.ts'
import { planImage, type Plan } from './plan.ts'
import { BuildFailure, ImageRefusal } from './refusal.ts'
import { runTool, said } from './run-tool.ts'
import { surveyImage } from './survey.ts'
import { unpack } from './unpack.ts'
import { readUnitTexts } from './unit-texts.ts'
import type { Disk, Root, Way } from './way.ts'
import { checkWish } from './check-wish.ts'
import type { BuildResult, Progress, Wish } from './wish.ts'
import { workFolder } from './work-folder.ts'

/**
 * Makes OUT from BASE with the guest daemon in it. BASE is only read; OUT appears whole, under its name, or not at all.
 *
 * @param signal ends the build; nothing is left behind
 * @throws ImageRefusal when wish or image cannot be used, BuildFailure when something went wrong on the way
 */
export async function buildImage(wish: Wish, progress: Progress, signal?: AbortSignal): Promise<BuildResult> {
  const began = performance.now()
  await checkWish(wish)
  await using work = await workFolder(dirname(resolve(wish.out)))
  const folder = work.path
  const base = await told(progress, 'base image', async () => {
    const base = await examineBase(resolve(wish.base), folder, signal)
    await requireHostSpace(folder, base)
    return [base, `${basename(wish.base)}, ${base.format}, ${mebibytes(base.virtualSize)} (${mebibytes(base.allocated)} in use)`]
  })
  const { disk, sha256 } = await told(progress, 'unpack', async () => {
    const [disk, sha256] = await Promise.all([unpack(base, folder, signal), digestOfFile(base.path, signal)])
    return [{ disk, sha256 }, `sha256 ${sha256.slice(0, 12)}`]
  })
  const way: Way = directExt
  const { root, survey } = await told(progress, 'look inside', async () => {
    const root = await way.open(disk)
    const survey = await surveyImage(root.tree)
    return [{ root, survey }, `${survey.os}, ${survey.architecture}, ${root.description}`]
  })
  const plan = await told(progress, 'plan', async () => {
    const payload = await preparePayload(survey.architecture, wish.node)
    const units = await readUnitTexts(wish.agentUser)
    const plan = planImage({ wish, survey, payload, units, base: { name: basename(wish.base), sha256 }, now: new Date() })
    requireGuestSpace(root, plan)
    return [plan, `${plan.changes.length} changes, ${mebibytes(payloadOf(plan))}`]
  })
  await told(progress, 'write', async () => {
    await way.change(disk, root, plan.changes)
    return [undefined, `${mebibytes(payloadOf(plan))} in, direct ext, read back: nothing to object`]
  })
  const size = await told(progress, 'pack', async () => {
    const size = await pack(disk, folder, resolve(wish.out))
    return [size, `${wish.out}, ${mebibytes(size)}`]
  })
  return {
    out: wish.out,
    size,
    payload: payloadOf(plan),
    took: (performance.now() - began) / 1000,
    os: survey.os,
    architecture: survey.architecture,
    changes: plan.changes.map(describeChange),
    warnings: plan.warnings,
  }
}

async function told<T>(progress: Progress, step: string, act: () => Promise<[T, string]>): Promise<T> {
  progress.begin(step)
  const [value, text] = await act()
  progress.done(text)
  return value
}

async function pack(disk: Disk, folder: string, out: string): Promise<number> {
  const file = 'out.qcow2'
  const options = { cwd: folder, seconds: 600, signal: disk.signal }
  const convert = await runTool('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', disk.file, file], options)
  if (convert.code !== 0) throw new BuildFailure(`the image could not be packed: ${said(convert)}`)
  const check = await runTool('qemu-img', ['check', '-q', '-f', 'qcow2', file], options)
  if (check.code !== 0) throw new BuildFailure(`the packed image is not sound: ${said(check)}`)
  await chmod(join(folder, file), 0o600) // it holds the bootstrap token
  await flush(join(folder, file))
  const { size } = await stat(join(folder, file))
  disk.signal?.throwIfAborted()
  await rename(join(folder, file), out)
  await flush(dirname(out))
  return size
}

/** A name that survives a power cut must not stand on content that does not. */
async function flush(path: string): Promise<void> {
  const handle = await open(path, 'r')
  await handle.sync().finally(() => handle.close())
}

const SPARE = 64 * 2 ** 20
const PAYLOAD_ABOUT = 128 * 2 ** 20

async function requireHostSpace(folder: string, base: BaseImage): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  const needed = 2 * (base.allocated + PAYLOAD_ABOUT) + SPARE
  if (bavail * bsize < needed) {
    throw new ImageRefusal(`${dirname(folder)} has ${mebibytes(bavail * bsize)} free, the build needs ${mebibytes(needed)}: ${mebibytes(needed - bavail * bsize)} are missing`)
  }
}

/** debugfs would go on with half a file when the image is full. */
function requireGuestSpace(root: Root, plan: Plan): void {
  const blocks = plan.changes.reduce((sum, change) => sum + ('content' in change ? Math.ceil(sizeOf(change.content) / root.blockSize) + 1 : 1), 0)
  const needed = Math.ceil(blocks * 1.01) * root.blockSize + 2 ** 20
  if (root.freeBytes < needed) {
    throw new ImageRefusal(`the image's file system has ${root.freeBytes} bytes free, ${needed} are needed: ${needed - root.freeBytes} bytes are missing. Make it larger: qemu-img resize, then growpart and resize2fs in it`)
  }
  if (root.freeInodes < plan.changes.length) throw new ImageRefusal(`the image's file system has ${root.freeInodes} inodes free, ${plan.changes.length} are needed`)
}

function payloadOf(plan: Plan): number {
  return plan.changes.reduce((sum, change) => sum + (change.kind === 'file' ? sizeOf(change.content) : 0), 0)
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(bytes < 100 * 2 ** 20 ? 1 : 0)} MiB`
}
