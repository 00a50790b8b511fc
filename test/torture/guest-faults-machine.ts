// A real guest under QEMU, taken back to the moment before the daemon starts for each condition; host-server is behind a relay.
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheRoot } from '../../lab/cache.ts'
import { startBench, type Bench } from '../../lab/fault-lab/bench.ts'
import { until } from '../../lab/until.ts'
import { guestConditions, type GuestCondition } from './guest-faults-conditions.ts'
import type { Held } from './guest-faults.ts'
import { keptOf } from './kept-outcomes.ts'
import { sayingProgress } from './saying-progress.ts'
import { startRelay, type Relay } from './relay.ts'
import type { TortureRun } from './torture.ts'

/** Milliseconds, with an emulated processor that others use too. */
const SAYS_MS = 240_000
const READY_MS = 420_000

export interface InMachine extends Omit<TortureRun, 'keep'> {
  keep(outcomes: readonly Held[], wanted: number): void
}

export async function inMachine({ seed, random, say, keep }: InMachine): Promise<Held[]> {
  const kept = await keptOf<Held>('guest-faults', seed)
  const outcomes = kept.before.filter(({ trouble }) => trouble === undefined)
  const conditions = guestConditions(random)
  const open = conditions.filter(({ name }) => !outcomes.some((one) => one.name === name))
  if (open.length === 0) return outcomes
  const dir = join(cacheRoot(), `guest-faults-${process.pid}`)
  await mkdir(dir, { recursive: true })
  try {
    await using bench = await startBench(dir, sayingProgress(say))
    await using relay = await startRelay({ port: Number(new URL(bench.scene.host.url).port) })
    for (const condition of open) {
      const outcome = await hold(bench, relay, condition)
      say(`${outcome.trouble === undefined ? '✔' : '✘'} ${outcome.name}: ${outcome.trouble ?? `"${outcome.said ?? 'nothing held it'}"; ready ${outcome.seconds!.toFixed(1)} s after it was gone`}`)
      outcomes.push(outcome)
      await kept.add(outcome)
      keep(outcomes, conditions.length)
    }
    return outcomes
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

async function hold(bench: Bench, relay: Relay, condition: GuestCondition): Promise<Held> {
  const { name, says } = condition
  const { console } = bench.held.guest
  const doing = { what: 'taking everything back' }
  try {
    await bench.held.back()
    relay.cutAll()
    relay.become(condition.link ?? {})
    await bench.reset()
    const from = await bench.held.go()
    const bytes = relay.toClient
    doing.what = 'letting the daemon go'
    await inGuest(bench, start(condition, relay.port))
    doing.what = 'waiting for its moment'
    if (condition.after) await act(bench, relay, bytes, condition.after)
    doing.what = 'waiting for the line that says it'
    const said = says && (await console.waitFor(says, { timeoutMs: SAYS_MS, from, whole: true })).input
    doing.what = 'lifting it'
    const mark = said === undefined ? from : console.mark()
    await lift(bench, relay, condition.lift)
    const began = performance.now()
    doing.what = 'waiting for ready'
    await console.waitFor(/stage=ready state=done/, { timeoutMs: READY_MS, from: mark })
    if (boots(console.text().split('\n').slice(from).join('\n')) > 0) throw new Error('it has booted again')
    return { name, seconds: (performance.now() - began) / 1000, ...(said === undefined ? {} : { said: said.replace(/^.*?stage=/, 'stage=').slice(0, 160) }) }
  } catch (error) {
    return { name, trouble: `${doing.what}: ${(error as Error).message}` }
  } finally {
    await bench.held.guest.cable(true).catch(() => {})
  }
}

const boots = (text: string): number => text.split('Linux version').length - 1

/** What happens beside the daemon is detached: it may take the network away from under the shell that starts it. */
function start({ before = '', beside }: GuestCondition, port: number): string {
  const detached = beside === undefined ? '' : `cat > /run/condition.sh <<'CONDITION'\n${beside}CONDITION\nsystemd-run --quiet --collect --no-block /bin/sh /run/condition.sh\n`
  return `date -s @${(Date.now() / 1000).toFixed(0)} > /dev/null
echo TROVESTRAP_URL=https://10.0.2.2:${port} > /etc/trove/controller.conf
${before}${detached}systemctl start --no-block multi-user.target
`
}

async function act(bench: Bench, relay: Relay, before: number, { bytes, act }: NonNullable<GuestCondition['after']>): Promise<void> {
  await until(`${bytes} bytes from the host`, () => (relay.toClient - before >= bytes ? true : undefined), { timeoutMs: SAYS_MS, everyMs: 20 })
  if (act === 'pull the cable') await bench.held.guest.cable(false)
  else await bench.scene.host.stop()
}

async function lift(bench: Bench, relay: Relay, how: GuestCondition['lift']): Promise<void> {
  if (how === undefined) return
  if (how === 'plug the cable') return await bench.held.guest.cable(true)
  if (how === 'start the host') return await bench.scene.host.start()
  if (how === 'a good link') return relay.become({})
  await inGuest(bench, `NOW=${(Date.now() / 1000).toFixed(0)}\n${how.guest}`)
}

async function inGuest({ held }: Bench, commands: string): Promise<void> {
  const { code, stderr } = await held.guest.shell('sudo sh -s', held.login, commands)
  if (code !== 0) throw new Error(`in the guest: ${stderr.slice(-500)}`)
}
