import { open, rename, rm, stat, statfs, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { sizeOf, type Change } from './change.ts'
import type { Finding } from './check/finding.ts'
import { checkOut } from './check-wish.ts'
import { reachInto, type ReachedImage } from './choose-way.ts'
import { examineSource, type Source } from './container/source.ts'
import { copyOf, overlayOver } from './container/work-image.ts'
import { BuildFailure, ImageRefusal } from './refusal.ts'
import { runTool, said } from './run-tool.ts'
import type { OpenImage, Space, WayName, WorkImage } from './way.ts'
import type { Growth, Progress } from './wish.ts'
import { workFolder } from './work-folder.ts'

/** Which image becomes which, and how to reach into it. */
export interface Making {
  readonly base: string
  readonly backing?: readonly string[]
  readonly out: string
  readonly force?: boolean
  readonly way?: WayName
  readonly grow?: Growth
  readonly keyFile?: string
}

/** What is to be done, decided by looking at the image. */
export interface Planned {
  readonly changes: readonly Change[]
  /** For people: what image it is. */
  readonly about: string
}

export interface Work<P extends Planned> {
  plan(image: OpenImage, base: { readonly name: string; readonly sha256: string }): Promise<P>
  /** Looks at the result before it gets its name. */
  check?(image: OpenImage): Promise<readonly Finding[]>
  /** Ids or codes of findings at error level that do no harm here. */
  readonly accept?: readonly string[]
  /** What is written beside OUT, as OUT.json; nothing when left out. */
  provenance?(planned: P, made: { readonly way: string; readonly findings: readonly Finding[] }): object
}

export interface Made<P extends Planned> {
  readonly planned: P
  /** Bytes of OUT as a file. */
  readonly size: number
  readonly way: string
  readonly findings: readonly Finding[]
}

/**
 * Makes OUT from BASE: a copy, looked into, planned, written, checked. BASE is only read; OUT appears whole, under its name, or not at all.
 *
 * @param signal ends the work; nothing is left behind
 * @throws ImageRefusal when the image cannot be used, BuildFailure when something went wrong on the way or a finding forbids it
 */
export async function makeImage<P extends Planned>(making: Making, work: Work<P>, progress: Progress, signal?: AbortSignal): Promise<Made<P>> {
  await checkOut(making)
  try {
    return await made(making, work, progress, signal)
  } catch (error) {
    signal?.throwIfAborted() // whatever failed then failed because of it
    throw error
  }
}

async function made<P extends Planned>(making: Making, work: Work<P>, progress: Progress, signal: AbortSignal | undefined): Promise<Made<P>> {
  const out = resolve(making.out)
  await using place = await workFolder(dirname(out))
  const folder = place.path
  const source = await examined(making, folder, progress, signal)
  await requireHostSpace(folder, source)
  await using digest = digestMeanwhile(source, folder, signal)
  const { copy, flushed } = await told(progress, 'copy', async (say) => {
    const copy = await copyOf(source, { folder, keyFile: making.keyFile, signal, say })
    return [{ copy, flushed: flushEarly(folder, copy) }, bytes((await stat(join(folder, copy.file))).size)]
  })
  const { planned, way, findings } = await changed(making, work, copy, digest, progress)
  const size = await told(progress, 'finish', async () => {
    await flushed
    const provenance = work.provenance?.(planned, { way, findings })
    const size = await finish(copy, out, provenance)
    return [size, `${making.out}, ${bytes(size)}`]
  })
  return { planned, size, way, findings }
}

/** The plan alone: nothing is made. */
export async function planOnly<P extends Planned>(making: Making, work: Work<P>, folderBeside: string, progress: Progress, signal?: AbortSignal): Promise<{ planned: P; way: string; space: Space }> {
  await using place = await workFolder(folderBeside)
  const folder = place.path
  const source = await examined(making, folder, progress, signal)
  await using digest = digestMeanwhile(source, folder, signal)
  const layer = await overlayOver(source, { folder, keyFile: making.keyFile, signal })
  await using image = await looked(making, layer, progress)
  const planned = await plannedFor(making, work, image, digest, progress)
  return { planned, way: image.way(), space: image.space }
}

async function changed<P extends Planned>(making: Making, work: Work<P>, copy: WorkImage, digest: Meanwhile, progress: Progress) {
  await using image = await looked(making, copy, progress)
  const planned = await plannedFor(making, work, image, digest, progress)
  await told(progress, 'write', async (say) => {
    await image.apply(planned.changes, say)
    return [undefined, `${image.way()}; read back, nothing to object`]
  })
  const findings = work.check ? await told(progress, 'check', async () => await checked(work, image)) : []
  return { planned, way: image.way(), findings }
}

async function plannedFor<P extends Planned>(making: Making, work: Work<P>, image: OpenImage, digest: Meanwhile, progress: Progress): Promise<P> {
  return await told(progress, 'plan', async () => {
    const planned = await work.plan(image, { name: basename(making.base), sha256: await digest.value })
    requireGuestSpace(image.space, planned.changes)
    return [planned, `${planned.about}, ${planned.changes.length} changes, ${bytes(payloadOf(planned.changes))}`]
  })
}

async function checked<P extends Planned>({ check, accept = [] }: Work<P>, image: ReachedImage): Promise<[readonly Finding[], string]> {
  const findings = await check!(image)
  const errors = findings.filter(({ level, id, code }) => level === 'error' && !accept.includes(id) && !accept.includes(code))
  if (errors.length > 0) {
    const lines = errors.map(({ id, code, what, mend }) => `\n  ${id === '-' ? code : `${id} ${code}`}: ${what}\n    mend: ${mend}, or accept it: --accept ${code}`)
    throw new BuildFailure(`guests of this image would not come up, or not safely:${lines.join('')}\n `)
  }
  return [findings, findings.length === 0 ? 'nothing to object' : `${findings.length} findings, none that forbids it`]
}

async function examined(making: Making, folder: string, progress: Progress, signal: AbortSignal | undefined): Promise<Source> {
  return await told(progress, 'base image', async () => {
    const source = await examineSource(resolve(making.base), { backing: making.backing?.map((path) => resolve(path)), folder, signal })
    return [source, `${basename(making.base)}, ${source.format}, ${bytes(source.virtualSize)} (${bytes(source.allocated)} in use)`]
  })
}

async function looked({ way, grow: wanted }: Making, work: WorkImage, progress: Progress): Promise<ReachedImage> {
  return await told(progress, 'look inside', async (say) => {
    const grow = wanted && (wanted.added ? work.size : 0) + wanted.bytes
    const image = await reachInto(work, { way, grow, say })
    return [image, `${image.description}; ${image.way()}`]
  })
}

async function told<T>(progress: Progress, step: string, act: (say: (text: string) => void) => Promise<[T, string]>): Promise<T> {
  progress.begin(step)
  const [value, text] = await act((text) => progress.update(text))
  progress.done(text)
  return value
}

interface Meanwhile extends AsyncDisposable {
  readonly value: Promise<string>
}

/** The digest of BASE while the rest goes on; whoever leaves the work folder waits for it. */
function digestMeanwhile(source: Source, folder: string, signal: AbortSignal | undefined): Meanwhile {
  const value = digestOfBase(source, folder, signal)
  value.catch(() => {}) // it is thrown where it is awaited
  return { value, [Symbol.asyncDispose]: async () => void (await Promise.allSettled([value])) }
}

/** In a process of its own: the other processor has nothing to do while the file is copied. openssl knows the processor's own instructions for it, sha256sum does not. */
async function digestOfBase({ path }: Source, folder: string, signal: AbortSignal | undefined): Promise<string> {
  const ran = await runTool('openssl', ['dgst', '-sha256', '-r', path], { cwd: folder, signal, seconds: 1800 })
  const digest = /^([0-9a-f]{64}) /.exec(ran.stdout.toString('utf8'))?.[1]
  if (ran.code !== 0 || digest === undefined) throw new BuildFailure(`the base image could not be read: ${said(ran)}`)
  return digest
}

/** What was copied goes to the disk while the rest is worked on, so that little is left for the end. */
async function flushEarly(folder: string, { file }: WorkImage): Promise<void> {
  const handle = await open(join(folder, file), 'r')
  await handle.datasync().catch(() => {}).finally(() => handle.close()) // the end does it again, and listens
}

/** A name that survives a power cut must not stand on content that does not. What tells of OUT comes first, so that no OUT is without it. */
async function finish({ folder, file, signal }: WorkImage, out: string, provenance: object | undefined): Promise<number> {
  const path = join(folder, file)
  const check = await runTool('qemu-img', ['check', '-q', '-f', 'qcow2', file], { cwd: folder, signal, seconds: 600 })
  if (check.code !== 0) throw new BuildFailure(`the made image is not sound: ${said(check)}`)
  await flush(path)
  const { size } = await stat(path)
  const beside = join(folder, 'provenance.json')
  if (provenance) {
    await writeFile(beside, `${JSON.stringify(provenance, null, 2)}\n`, { mode: 0o644 })
    await flush(beside)
  }
  signal?.throwIfAborted()
  if (provenance) await rename(beside, `${out}.json`)
  else await rm(`${out}.json`, { force: true }) // it told of the image that is replaced
  await rename(path, out)
  await flush(dirname(out))
  return size
}

async function flush(path: string): Promise<void> {
  const handle = await open(path, 'r')
  await handle.sync().finally(() => handle.close())
}

const SPARE = 64 * 2 ** 20
const PAYLOAD_ABOUT = 128 * 2 ** 20

async function requireHostSpace(folder: string, source: Source): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  const size = source.copyable ? (await stat(source.path)).size : source.allocated
  const needed = size + 2 * PAYLOAD_ABOUT + SPARE
  if (bavail * bsize < needed) {
    throw new ImageRefusal(`${dirname(folder)} has ${bytes(bavail * bsize)} free, the build needs ${bytes(needed)}: ${bytes(needed - bavail * bsize)} are missing`)
  }
}

/** debugfs would go on with half a file when the image is full. */
function requireGuestSpace({ blockSize, freeBytes, freeInodes = Infinity }: Space, changes: readonly Change[]): void {
  const blocks = changes.reduce((sum, change) => sum + ('content' in change ? Math.ceil(sizeOf(change.content) / blockSize) + 1 : change.kind === 'remove' ? 0 : 1), 0)
  const needed = Math.ceil(blocks * 1.01) * blockSize + 2 ** 20
  if (freeBytes < needed) {
    throw new ImageRefusal(`the image's file system has ${freeBytes} bytes free, ${needed} are needed: ${needed - freeBytes} bytes are missing. Type: --grow +${Math.ceil((needed - freeBytes) / 2 ** 30)}G`)
  }
  const inodes = changes.filter(({ kind }) => kind !== 'remove').length
  if (freeInodes < inodes) throw new ImageRefusal(`the image's file system has ${freeInodes} inodes free, ${inodes} are needed. Type: --grow +1G`)
}

/** Bytes put in. */
export function payloadOf(changes: readonly Change[]): number {
  return changes.reduce((sum, change) => sum + (change.kind === 'file' ? sizeOf(change.content) : 0), 0)
}

function bytes(count: number): string {
  if (count >= 10 * 2 ** 30) return `${(count / 2 ** 30).toFixed(1)} GiB`
  return `${(count / 2 ** 20).toFixed(count < 100 * 2 ** 20 ? 1 : 0)} MiB`
}
