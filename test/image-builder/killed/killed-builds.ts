import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import { buildImage } from '../../../image-builder/build-image.ts'
import { seededRandom } from '../../guests/seeded-random.ts'
import { complaintAbout } from '../damage/damaged-builds.ts'
import { elf, quiet, smallImage, wishFor } from '../small-image.ts'
import { childrenOf, comesTrue, processesIn } from './processes.ts'

const ONE_BUILD = new URL('one-build.ts', import.meta.url).pathname
const MIB = 2 ** 20
const LONGEST_MS = 60_000
/** Until all that a build has started is gone. */
const GONE_MS = 2000
const KEPT = ['base.qcow2', 'node', 'payload']
const OUT = ['out.qcow2', 'out.qcow2.json']

/** The build itself, or one of the tools that it starts. */
export const VICTIMS = ['build', 'qemu-storage-daemon', 'debugfs', 'e2fsck', 'qemu-img', 'openssl', 'sfdisk'] as const
export type Victim = (typeof VICTIMS)[number]

export interface Outcome {
  readonly number: number
  readonly victim: Victim
  /** The step the build was at. */
  readonly step: string
  /** The victim was still there at its moment. */
  readonly hit: boolean
  /** `killed`, `built`, or what the build said. */
  readonly how: string
  /** What must not be; undefined when all is well. */
  readonly wrong: string | undefined
}

/**
 * Builds that are killed, or lose a tool, at a random moment, one after the other; the same seed chooses the same moments, as far as machines can.
 * @param folder is used up
 */
export async function* killedBuilds(folder: string, count: number, seed: number): AsyncGenerator<Outcome> {
  // Enough for each step to last.
  smallImage(folder, { size: 128, tree: { 'var/content': randomBytes(24 * MIB) } })
  writeFileSync(join(folder, 'payload'), Buffer.concat([elf(62), randomBytes(40 * MIB)]))
  const base = fingerprint(folder)
  await rehearsal(folder) // the first build is slower than all others: nothing is in the page cache
  const lifetimes = await rehearsal(folder)
  for (let number = 0; number < count; number++) {
    const victim = VICTIMS[number % VICTIMS.length]!
    const moment = momentIn(lifetimes.get(victim) ?? [], seededRandom(seed * 1_000_003 + number))
    const ended = await killedAt(folder, victim, moment)
    const wrong = wrongWith(folder, victim, ended) ?? (fingerprint(folder) === base ? await nextBuild(folder) : 'BASE was changed')
    const how = ended.signal ? 'killed' : ended.code === 0 ? 'built' : ended.said.trim()
    yield { number, victim, step: ended.step, hit: ended.hit, how, wrong }
  }
}

/** Milliseconds; of the tools that are started more than once, one for each time. */
type Lifetimes = ReadonlyMap<Victim, readonly number[]>

/** Somewhere in the life of the victim, of all the times that it is started. */
interface Moment {
  readonly nth: number
  readonly milliseconds: number
}

function momentIn(lives: readonly number[], random: () => number): Moment {
  let left = random() * lives.reduce((sum, life) => sum + life, 0)
  const nth = lives.findIndex((life) => (left -= life) < 0)
  return { nth, milliseconds: left + (lives[nth] ?? 0) }
}

async function rehearsal(folder: string): Promise<Lifetimes> {
  const seen = new Map<number, { readonly victim: Victim; readonly from: number; until: number }>()
  const { code, said } = await startedBuild(folder, 'direct', ({ victim, pid }) => {
    const now = performance.now()
    const process = seen.get(pid)
    if (process) process.until = now
    else seen.set(pid, { victim, from: now, until: now })
  })
  if (code !== 0) throw new Error(`a build that nobody disturbed ended with ${code}: ${said}`)
  rmOut(folder)
  return new Map(VICTIMS.map((victim) => [victim, [...seen.values()].filter((process) => process.victim === victim).map(({ from, until }) => until - from + 1)]))
}

interface Ended {
  readonly code: number | null
  readonly signal: string | null
  readonly said: string
  readonly step: string
  readonly milliseconds: number
  readonly alone: boolean
}

/** Runs a build and shows the processes there are, again and again, from its first step to its end. */
async function startedBuild(folder: string, way: string, watch: (process: { readonly victim: Victim; readonly pid: number }) => void): Promise<Ended> {
  const child = spawn(process.execPath, [ONE_BUILD, folder, way], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  const began = performance.now()
  const end = once(child, 'exit') as Promise<[number | null, string | null]>
  const said = text(child.stderr)
  let step = ''
  child.stdout.on('data', (lines: Buffer) => (step = lines.toString().trim().split('\n').at(-1)!))
  const late = globalThis.setTimeout(() => child.kill('SIGKILL'), LONGEST_MS)
  while (child.exitCode === null && child.signalCode === null) {
    if (step !== '') for (const { pid, tool } of [{ pid: child.pid!, tool: 'build' }, ...childrenOf(child.pid!)]) if (isVictim(tool)) watch({ victim: tool, pid })
    await setTimeout(1)
  }
  const [code, signal] = await end
  clearTimeout(late)
  const alone = await comesTrue(() => processesIn(folder).length === 0, GONE_MS)
  return { code, signal, said: await said, step, milliseconds: performance.now() - began, alone }
}

function isVictim(tool: string): tool is Victim {
  return (VICTIMS as readonly string[]).includes(tool)
}

async function killedAt(folder: string, chosen: Victim, { nth, milliseconds }: Moment): Promise<Ended & { readonly hit: boolean }> {
  const since = new Map<number, number>()
  let hit = false
  const ended = await startedBuild(folder, 'direct', ({ victim, pid }) => {
    if (hit || victim !== chosen) return
    if (!since.has(pid)) since.set(pid, performance.now())
    if ([...since.keys()][nth] !== pid || performance.now() - since.get(pid)! < milliseconds) return
    process.kill(pid, 'SIGKILL')
    hit = true
  })
  return { ...ended, hit }
}

function wrongWith(folder: string, victim: Victim, { code, signal, said, hit, alone, milliseconds }: Ended & { readonly hit: boolean }): string | undefined {
  const names = readdirSync(folder)
  const made = names.includes('out.qcow2')
  const killed = hit && victim === 'build'
  return [
    milliseconds > LONGEST_MS && `it did not end within ${LONGEST_MS / 1000} s`,
    !alone && `processes are left: ${processesIn(folder).map((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')).join(', ')}`,
    readFileSync('/proc/self/mountinfo', 'utf8').includes(folder) && 'a mount is left',
    !killed && (signal !== null || ![0, 1, 2].includes(code!)) && `it ended with ${code ?? signal}: ${said}`,
    !killed && code !== 0 && !/^[^\n]{10,300}\n$/.test(said) && `not one clear message: ${said}`,
    !killed && code === 0 && said !== '' && `it said ${said}`,
    !killed && made !== (code === 0) && `it ended with ${code}, and OUT is ${made ? '' : 'not '}there`,
    made && !names.includes('out.qcow2.json') && 'OUT is there without its JSON',
    made && complaintAbout(folder, join(folder, 'out.qcow2')),
    !killed && names.some((name) => ![...KEPT, ...OUT].includes(name)) && `left behind: ${names.join(', ')}`,
  ].find((text) => typeof text === 'string')
}

/** Builds in the same folder, and looks at what is there afterwards. @returns what is wrong with it */
async function nextBuild(folder: string): Promise<string | undefined> {
  rmOut(folder)
  const error = await buildImage(wishFor(folder, join(folder, 'base.qcow2'), { node: join(folder, 'payload'), way: 'direct' }), quiet).then(() => undefined, (error: unknown) => error as Error)
  const names = readdirSync(folder).sort()
  rmOut(folder)
  return error ? `the next build failed: ${error.stack}` : names.join() === [...KEPT, ...OUT].sort().join() ? undefined : `left behind by the next build: ${names.join(', ')}`
}

function rmOut(folder: string): void {
  for (const name of OUT) rmSync(join(folder, name), { force: true })
}

function fingerprint(folder: string): string {
  return createHash('sha256').update(readFileSync(join(folder, 'base.qcow2'))).digest('hex')
}
