import { spawn, type ChildProcess } from 'node:child_process'
import { lstat, mkdir, readFile, chown, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BuildFailure } from '../refusal.ts'
import { applianceThere, makeAppliance } from './appliance.ts'
import { ApplianceMissing, errorOf, failureOf } from './failure.ts'
import type { Asked, Hands, Inputs, Job, Result } from './jobs.ts'
import { decode, encode, type Order, type Said } from './messages.ts'
import { placeFor, publish, type Place } from './place.ts'
import { endsWellAs, somebody, type Somebody } from './somebody.ts'

const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url))
/** After it was told to stop. */
const STOP_MS = 10_000
/** Questions that differ; an image has one token to ask about. */
const MOST_ASKED = 20
const HONOURED = ['SOURCE_DATE_EPOCH', 'NODE_COMPILE_CACHE', 'LIBGUESTFS_BACKEND', 'LIBGUESTFS_BACKEND_SETTINGS', 'LIBGUESTFS_MEMSIZE', 'LIBGUESTFS_HV']
const NOTES = '/var/cache/trovestrap'

export interface Work<J extends Job> extends Hands {
  /** What is to be done, by the paths at which the files are found. @param shown for a file that is read @param out for the image that is made */
  input(shown: (path: string) => Promise<string>, out: (path: string) => string): Promise<Inputs[J]>
  /** The image that is made. */
  readonly out?: string
}

/**
 * Does a job with images: as whoever has typed the command, or, for root, in a process of somebody's who has no rights at all. Images and their file
 * systems are foreign, and the programs that read them are large.
 */
export async function runJob<J extends Job>(job: J, work: Work<J>): Promise<Result<J>> {
  if (process.geteuid!() !== 0) {
    const input = await work.input(async (path) => path, (path) => path)
    const { JOBS } = await import('./jobs.ts') // for root the worker alone has it
    return await (JOBS[job] as (input: Inputs[J], hands: Hands) => Promise<Result<J>>)(input, work)
  }
  const mountable = await endsWell('unshare', ['--mount', '--net', 'true'])
  try {
    return await withoutRoot(job, work, mountable)
  } catch (error) {
    if (!(error instanceof ApplianceMissing)) throw error
    await makeAppliance(mountable) // and once more from the start, which is done once on a machine
    return await withoutRoot(job, work, mountable)
  }
}

async function withoutRoot<J extends Job>(job: J, work: Work<J>, mountable: boolean): Promise<Result<J>> {
  const { out, signal } = work
  const as = await somebody()
  await using place = await placeFor(as, out === undefined ? tmpdir() : dirname(resolve(out)), mountable)
  await using notes = await kvmNotes(place, as)
  const input = await work.input(place.show, (path) => join(place.work, basename(path)))
  const appliance = (await applianceThere()) ?? 'missing'
  const child = started(place, mountable, appliance)
  const result = await conversation(child, { kind: 'start', job, input, as, mounts: place.mounts }, place, work)
  signal?.throwIfAborted()
  if (out !== undefined) await publish(place, as, out)
  await notes.keep()
  return result as Result<J>
}

function started(place: Place, mountable: boolean, appliance: string): ChildProcess {
  const apart = mountable ? ['unshare', '--mount', '--net', '--ipc', '--propagation', 'private'] : []
  const honoured = Object.fromEntries(HONOURED.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])))
  return spawn('setpriv', ['--pdeathsig', 'KILL', '--no-new-privs', ...apart, process.execPath, WORKER], {
    cwd: '/',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8', HOME: place.work, TMPDIR: place.work, TROVESTRAP_CACHE: join(place.work, 'cache'), TROVESTRAP_APPLIANCE: appliance, ...honoured },
  })
}

/** What is said between the two until the job is done. @returns what came out. @throws as the job itself would */
export async function conversation(child: ChildProcess, start: Order, place: Place, { asked, progress, signal, out }: Omit<Work<Job>, 'input'>): Promise<unknown> {
  const { promise, resolve: made, reject } = Promise.withResolvers<unknown>()
  const instead = out === undefined ? tmpdir() : dirname(out)
  const names = (text: unknown) => place.translate(String(text), instead)
  const tell = (order: Order) => child.connected && child.send(encode(order))
  const answers = new Map<string, Promise<unknown>>()
  const listen = (said: Said) => {
    if (said.kind === 'result' || said.kind === 'failed') setTimeout(() => child.kill('SIGKILL'), STOP_MS).unref() // it ends by itself
    if (said.kind === 'result') made(said.value)
    else if (said.kind === 'failed') reject(errorOf({ ...said.failure, message: names(said.failure.message) }))
    else if (said.kind === 'ask') void answered(said, asked, place, answers).then(tell)
    else if (['begin', 'update', 'done'].includes(said.kind)) progress[said.kind](names(said.text))
    else throw new TypeError('a message of no kind')
  }
  child.on('message', (text: unknown) => {
    try {
      listen(decode(String(text)) as Said)
    } catch (cause) {
      child.kill('SIGKILL') // whoever speaks so is not ours any more
      reject(new BuildFailure('the part of the builder that looks at the image spoke nonsense; the image may have taken it over', { cause }))
    }
  })
  child.on('error', (cause) => reject(new BuildFailure(`the part of the builder that has no rights could not be started: ${cause.message}`, { cause })))
  const ended = new Promise<void>((resolve) => child.once('close', (code, signal) => {
    reject(new BuildFailure(`the part of the builder that looks at the image ended with ${code ?? signal}; perhaps this machine is short of memory. Build again`))
    resolve()
  }))
  const stop = () => {
    tell({ kind: 'stop' })
    setTimeout(() => child.kill('SIGKILL'), STOP_MS).unref()
  }
  signal?.addEventListener('abort', stop, { once: true })
  if (signal?.aborted) stop()
  tell(start)
  try {
    return await promise
  } finally {
    signal?.removeEventListener('abort', stop)
    await ended // so nobody writes in its folder any more
    signal?.throwIfAborted()
  }
}

/** Only what is in the list can be asked for, and only with a word; asked again, it is the same answer. */
async function answered({ number, name, argument }: Extract<Said, { kind: 'ask' }>, asked: Asked, place: Place, answers: Map<string, Promise<unknown>>): Promise<Order> {
  try {
    const question = `${name} ${argument}`
    if (!answers.has(question) && answers.size < MOST_ASKED) answers.set(question, answerTo(name, String(argument), asked, place))
    return { kind: 'answer', number, value: await answers.get(question) }
  } catch (error) {
    return { kind: 'no-answer', number, failure: failureOf(error) }
  }
}

async function answerTo(name: string, argument: string, asked: Asked, place: Place): Promise<unknown> {
  switch (name) {
    case 'bundle':
      return await asked.bundle?.()
    case 'units':
      return await asked.units?.()
    case 'tokenState':
      return await asked.tokenState?.(argument)
    case 'payload': {
      const payload = await asked.payload?.(argument === 'arm64' ? 'arm64' : 'x64')
      return payload && { ...payload, node: await place.lend(payload.node) }
    }
    case 'prebake': {
      const prebake = await asked.prebake?.()
      const changes = await Promise.all((prebake?.changes ?? []).map(async (change) => ('content' in change ? { ...change, content: await place.lend(change.content) } : change)))
      return prebake && { ...prebake, changes }
    }
    default:
      throw new BuildFailure(`nobody is asked for ${name.slice(0, 40)}`)
  }
}

/** That KVM hangs on this machine is found out in a minute; it is remembered until the next boot. */
async function kvmNotes(place: Place, { uid, gid }: Somebody): Promise<AsyncDisposable & { keep(): Promise<void> }> {
  const name = `no-kvm-${(await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()}`
  const there = await lstat(join(NOTES, name)).catch(() => undefined)
  const [cache, folder] = [join(place.ours, 'cache'), join(place.ours, 'cache', 'libguestfs')]
  if (there) {
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, name), '')
    for (const path of [cache, folder, join(folder, name)]) await chown(path, uid, gid)
  }
  return {
    async keep() {
      if (there || !(await lstat(join(folder, name)).catch(() => undefined))) return
      await mkdir(NOTES, { recursive: true, mode: 0o755 })
      await writeFile(join(NOTES, name), '')
    },
    async [Symbol.asyncDispose]() {},
  }
}

async function endsWell(program: string, args: readonly string[]): Promise<boolean> {
  return await endsWellAs({ uid: 0, gid: 0, groups: [] }, program, args)
}
