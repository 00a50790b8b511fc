// Real guests under QEMU. The first boot is taken from a snapshot, just before the daemon starts; only the second one is cold.
import { appendFile, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { cacheRoot } from '../../lab/cache.ts'
import type { TroveInstance } from '../../lab/control-plane.ts'
import { HELD, holdGuest, reachable, type HeldGuest } from '../../lab/fault-lab/held-guest.ts'
import type { Guest } from '../../lab/guest.ts'
import { startScene, type Scene } from '../../lab/scene.ts'
import { keptOf } from './kept-outcomes.ts'
import { oneWholeTree } from './power-cuts-tree.ts'
import type { Cut } from './power-cuts.ts'
import { sayingProgress } from './saying-progress.ts'
import type { TortureRun } from './torture.ts'

const READY_MS = 480_000
/** The held guest with an older tree, its agent stopped. */
const OLDER = 'older'
/** What a second boot can do without: nobody injects anything into it any more, and nobody logs in but over SSH. */
const SHORT_BOOT = 'cloud-init=disabled systemd.mask=serial-getty@ttyS0.service systemd.mask=e2scrub_reap.service systemd.mask=cron.service'
const READY = /stage=ready state=done/
/** Of these, one is chosen first: a stage is cut as often as another, however short it is; fetch, which swaps the tree, more often. */
const WEIGHTS: Readonly<Record<string, number>> = { fetch: 4, enrol: 2, configure: 2 }

export interface Cutting extends Omit<TortureRun, 'keep'> {
  /** Cuts in all, those of earlier runs with this seed included. */
  readonly count: number
  keep(cuts: readonly Cut[]): void
}

interface Bench {
  readonly scene: Scene
  readonly instance: TroveInstance
  readonly held: HeldGuest
  readonly disks: string
}

export async function cutMachines({ random, say, seed, count, keep }: Cutting): Promise<Cut[]> {
  const kept = await keptOf<Cut>('power-cuts', seed)
  const cuts = [...kept.before]
  if (cuts.length >= count) return cuts
  const dir = join(cacheRoot(), `power-cuts-${process.pid}`)
  await mkdir(dir, { recursive: true })
  try {
    await using scene = await startScene(join(dir, 'scene'), sayingProgress(say), { ownSource: true })
    const instance = await scene.controlPlane.createInstance('cut-1')
    const disks = join(dir, 'disks')
    await using guest = await scene.boot(instance, { power: 'cut', dir: disks, kernelArguments: HELD })
    const bench: Bench = { scene, instance, disks, held: await holdGuest(scene, instance, guest, scene.host.wheels) }
    const moments = await rehearse(bench, say)
    for (let number = 1; number <= count; number++) {
      const doing = number % 2 === 0 ? 'newer tree' : 'first tree'
      const moment = choose(moments[doing], random)
      if (number <= kept.before.length) continue
      const cut = await cutOnce(bench, number, doing, moment)
      cuts.push(cut)
      await kept.add(cut)
      say(`${cut.trouble === undefined ? '✔' : '✘'} cut ${number}, ${doing}, ${(moment / 1000).toFixed(1)} s in, at ${cut.at}: ${cut.trouble ?? `ready ${cut.seconds!.toFixed(0)} s after power-on, one whole tree`}`)
      keep(cuts)
    }
    return cuts
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/** Milliseconds after the daemon's first word at which each stage began; the last is ready. */
type Timeline = readonly { readonly stage: string; readonly at: number }[]

/** Both bring-ups once without a cut; between them the tree on the host becomes another. */
async function rehearse(bench: Bench, say: (line: string) => void): Promise<Record<Cut['doing'], Timeline>> {
  const { scene, held } = bench
  const first = await timeline(bench, 'first tree')
  await inGuest(held, 'systemctl stop trovestrap-agent trovestrap-guest\nsync\n')
  await held.guest.save(OLDER)
  // Stopped, because it follows its tree: what it hands out is the whole change or nothing of it.
  await scene.host.stop()
  for (const file of ['trove/version.py', 'trove/cmd/guest.py', 'trove/guestagent/service.py']) await appendFile(join(scene.host.source, file), '\n# another revision\n')
  await writeFile(join(scene.host.source, 'trove/added.py'), '# new in this revision\n')
  await scene.host.start()
  const newer = await timeline(bench, 'newer tree')
  for (const [doing, line] of Object.entries({ 'first tree': first, 'newer tree': newer })) say(`${doing}: ${line.map(({ stage, at }) => `${stage} ${(at / 1000).toFixed(1)}`).join(' · ')}`)
  return { 'first tree': first, 'newer tree': newer }
}

async function timeline(bench: Bench, doing: Cut['doing']): Promise<Timeline> {
  const { console } = bench.held.guest
  const from = await letGo(bench, doing)
  const began = await firstWord(bench, from)
  const seen: { stage: string; at: number }[] = []
  for (let mark = from; ; ) {
    const line = await console.waitFor(/trovestrap\[\d+\]: stage=(\S+) state=(begun|done|failed)/, { timeoutMs: READY_MS, from: mark, whole: true })
    const stage = line[1]!
    if (seen.at(-1)?.stage !== stage) seen.push({ stage, at: performance.now() - began })
    if (stage === 'ready') return seen
    mark = console.text().split('\n').indexOf(line.input, mark) + 1
  }
}

/** A stage by its weight, then any moment of it; of ready the seconds after. */
function choose(line: Timeline, random: () => number): number {
  const stages = line.flatMap(({ stage, at }, index) => Array<{ from: number; to: number }>(WEIGHTS[stage] ?? 1).fill({ from: at, to: line[index + 1]?.at ?? at + 5000 }))
  const { from, to } = stages[Math.floor(random() * stages.length)]!
  return from + random() * (to - from)
}

async function cutOnce(bench: Bench, number: number, doing: Cut['doing'], moment: number): Promise<Cut> {
  const { scene, instance, held, disks } = bench
  let at = 'before its first word'
  try {
    const from = await letGo(bench, doing)
    await firstWord(bench, from)
    await pause(moment)
    await held.guest.kill()
    at = lastWord(held.guest, from)
    const began = performance.now()
    await using again = await scene.boot(instance, { power: 'cut', dir: disks, kernelArguments: SHORT_BOOT })
    await again.console.waitFor(READY, { timeoutMs: READY_MS, whole: true })
    const seconds = (performance.now() - began) / 1000
    await reachable(again, held.login)
    const trouble = await oneWholeTree(again, held.login, await scene.host.revision())
    return { number, doing, at, seconds, ...(trouble === undefined ? {} : { trouble }) }
  } catch (error) {
    return { number, doing, at, trouble: (error as Error).message }
  }
}

/** From the snapshot on, enrolled nowhere. @returns where its console was */
async function letGo({ scene, instance, held }: Bench, doing: Cut['doing']): Promise<number> {
  await held.guest.start()
  await held.guest.load(doing === 'newer tree' ? OLDER : 'held')
  await scene.host.trovestrap(['forget', instance.id]).catch(() => {}) // the first one is not known yet
  const from = await held.go()
  const unit = doing === 'newer tree' ? 'trovestrap-guest' : 'multi-user.target'
  await inGuest(held, `date -s @${(Date.now() / 1000).toFixed(0)} > /dev/null\nsystemctl start --no-block ${unit}\n`)
  return from
}

/** @returns when it was said */
async function firstWord({ held }: Bench, from: number): Promise<number> {
  await held.guest.console.waitFor(/trovestrap\[\d+\]: stage=/, { timeoutMs: READY_MS, from })
  return performance.now()
}

function lastWord({ console }: Guest, from: number): string {
  const said = [...console.text().split('\n').slice(from).join('\n').matchAll(/trovestrap\[\d+\]: stage=(\S+) state=(\S+)/g)].at(-1)
  return said === undefined ? 'before its first word' : `${said[1]} ${said[2]}`
}

async function inGuest({ guest, login }: HeldGuest, commands: string): Promise<void> {
  const { code, stderr } = await guest.shell('sudo sh -s', login, commands)
  if (code !== 0) throw new Error(`in the guest: ${stderr.slice(-500)}`)
}
