import { readFile, stat } from 'node:fs/promises'
import { OsloConfig } from '../../contract/oslo-config.ts'
import { parseTransportUrl } from '../../contract/transport-url.ts'
import type { Step } from '../../diagnosis/cause.ts'
import { diagnose } from '../../diagnosis/diagnose.ts'
import { Evidence } from '../../diagnosis/evidence.ts'
import { CommandFailed } from '../run.ts'
import { until } from '../until.ts'
import type { Bench } from './bench.ts'
import { CONTROLLER, WITHOUT_DAEMON } from './held-guest.ts'
import { judge, misledWithout, without, type Judgement } from './judge.ts'
import type { LabFault } from './lab-fault.ts'
import { lookedAt } from './look.ts'
import { see, type Watched } from './sight.ts'
import type { Guest } from '../guest.ts'

/** What came of one fault. */
export interface Outcome {
  readonly fault: LabFault
  readonly found: readonly string[]
  readonly verdict: string
  readonly judgement: Judgement
  /** From the same evidence without what SSH showed. */
  readonly withoutGuest: { readonly judgement: Judgement; readonly found: readonly string[] }
  /** Sources without which a wrong name came. */
  readonly misled: readonly { source: string; found: readonly string[] }[]
  /** Seconds of `trovestrap diagnose`, as a process. */
  readonly took: number
  /** Seconds from the end of the mending commands to a guest that is ready, or healthy; absent: not tried. */
  readonly mended?: number
  /** Why it was not mended, or the fault itself could not be made. */
  readonly trouble?: string
  readonly evidence?: Evidence
}

/** Seconds in which a guest has to be ready once its fault is mended on the host, and healthy, which takes a database. */
const MENDED_WITHIN = { ready: 120, healthy: 300 }

/** Breaks it, waits until it shows, asks diagnose, mends it by what diagnose says. Never throws for what a fault can do. */
export async function runFault(bench: Bench, fault: LabFault, tell: (text: string) => void): Promise<Outcome> {
  let own: Guest | undefined
  try {
    const began = fault.from === 'before' && bench.watched !== undefined ? bench.watched : await begin(bench, fault, tell)
    bench.watched = began
    own = fault.from === 'boot' ? began.guest : undefined
    tell('waiting until it shows')
    if (fault.after) {
      await see(fault.after.once, began)
      if (fault.after.guest !== undefined) await inGuest(began, fault.after.guest)
      if (fault.after.host !== undefined) await bench.host(fault.after.host)
    }
    await see(fault.shows, began)
    tell('diagnose')
    return await judged(bench, fault, began, tell)
  } catch (error) {
    const why = error instanceof CommandFailed ? `${error.message.split('\n')[0]} ${error.tail.slice(-3).join(' | ')}` : (error as Error).message
    return { fault, found: [], verdict: '-', judgement: 'wrong', withoutGuest: { judgement: 'wrong', found: [] }, misled: [], took: 0, trouble: why }
  } finally {
    await own?.[Symbol.asyncDispose]()
  }
}

async function begin(bench: Bench, fault: LabFault, tell: (text: string) => void): Promise<Watched> {
  const { instance, held } = bench
  tell('everything back to its beginning')
  // first of all: an agent that is still there would take the next fault's messages
  await held.back()
  await bench.reset()
  const { conductor } = bench.scene.controlPlane.logs
  if (fault.from === 'none') {
    if (fault.host !== undefined) await bench.host(fault.host)
    return { bench, login: held.login, from: 0, conductorFrom: await sizeOf(conductor) }
  }
  if (fault.prepare !== false) await instance.prepare(fault.prepare)
  const conductorFrom = await sizeOf(conductor)
  if (fault.host !== undefined) await bench.host(fault.host)
  if (fault.from === 'boot') {
    tell('booting')
    const guest = await bench.boot(fault.name, fault.boot ?? {})
    return { bench, guest, login: held.login, from: 0, conductorFrom }
  }
  const from = await held.go()
  const began: Watched = { bench, guest: held.guest, login: held.login, from, conductorFrom }
  await inGuest(began, `date -s @${(Date.now() / 1000).toFixed(0)} > /dev/null\n${letGo(fault, bench)}`)
  return began
}

/** Detached: a fault may take the network away from under the shell that makes it. */
function letGo({ guest = '', foreign }: LabFault, { places }: Bench): string {
  const known = `BROKER_PORT=${places.BROKER_PORT} PORT=${places.PORT} PORT2=${places.PORT2} INSTANCE=${places.INSTANCE} HOST=${CONTROLLER}`
  const start = foreign ? 'systemctl daemon-reload; systemctl enable -q guest-agent; systemctl start --no-block guest-agent multi-user.target' : 'systemctl start --no-block multi-user.target'
  return `cat > /run/lab-fault.sh <<'LAB-FAULT'\n${known}\n${foreign ? WITHOUT_DAEMON : ''}${guest}\n${start}\nLAB-FAULT\nsystemd-run --quiet --collect --no-block /bin/sh /run/lab-fault.sh\n`
}

async function inGuest({ guest, login }: Watched, commands: string): Promise<void> {
  const { code, stderr } = await guest!.shell('sudo sh -s', login, commands)
  if (code !== 0) throw new Error(`the guest's part of the fault failed: ${stderr.slice(-500)}`)
}

async function judged(bench: Bench, fault: LabFault, began: Watched, tell: (text: string) => void): Promise<Outcome> {
  const { evidence, took } = await lookedAt(bench, fault, began)
  const { judgement, found, verdict } = judge(evidence, fault.expect)
  const outcome: Outcome = {
    fault,
    found,
    verdict,
    judgement,
    withoutGuest: judge(without(evidence, 'guest'), fault.expect),
    misled: misledWithout(evidence, fault.expect),
    took,
    evidence,
  }
  if (fault.mends === undefined || judgement !== 'right') return outcome
  tell('mending it as diagnose says')
  try {
    return { ...outcome, mended: await mend(bench, fault.mends, began, diagnose(evidence).findings.flatMap(({ mend }) => mend)) }
  } catch (error) {
    return { ...outcome, trouble: `not mended: ${(error as Error).message.slice(0, 400)}` }
  }
}

/** The host's commands of a verdict, exactly as it gives them. @returns seconds until the guest is where it should be */
async function mend(bench: Bench, goal: 'ready' | 'healthy', { guest }: Watched, steps: readonly Step[]): Promise<number> {
  const commands = steps.filter(({ on, run }) => on === 'host' && run !== undefined)
  if (commands.length === 0) throw new Error('the verdict has no command for the host')
  const from = guest!.console.mark()
  for (const { run, asks } of commands) await bench.host(run!, asks === undefined ? '' : `${await passwordIn(asks.file)}\n`)
  const began = performance.now()
  const timeoutMs = MENDED_WITHIN[goal] * 1000
  if (goal === 'ready') await guest!.console.waitFor(/stage=ready state=done/, { timeoutMs, from })
  else await until('Trove to call it healthy', async () => ((await bench.instance.status()).status === 'healthy' ? true : undefined), { timeoutMs, everyMs: 500 })
  return (performance.now() - began) / 1000
}

/** What the operator types at the prompt. */
async function passwordIn(file: string): Promise<string> {
  const url = OsloConfig.parse(await readFile(file, 'utf8'), file).get('DEFAULT', 'transport_url')
  return parseTransportUrl(url ?? '').hosts[0]!.password.reveal()
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0
}
