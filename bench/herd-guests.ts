// Some hundreds of guests in one process, for herd-measure.ts: the daemon's own stages, engine, reports and TLS, each guest over a connection of
// its own. Reads one task a line on stdin, and answers with one line of JSON.
import { createHash, randomUUID } from 'node:crypto'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { bringUp } from '../guest-bootstrap/engine.ts'
import { closeConnections, realHttp } from '../guest-bootstrap/machine/real-http.ts'
import { hostOutlet } from '../guest-bootstrap/reports/host-outlet.ts'
import { reporter } from '../guest-bootstrap/reports/reporter.ts'
import { bringUpStages } from '../guest-bootstrap/stages.ts'
import { ProgramError, type System } from '../guest-bootstrap/system.ts'
import { injectedFiles } from './guest-root.ts'
import { filesInMemory } from './herd-files.ts'

/** What is done by every guest of the process at once. */
export type Task =
  | { readonly what: 'bring-up'; readonly count: number; readonly url: string; readonly ca: string; readonly token: string }
  /** The guests that were brought up start their daemons again. */
  | { readonly what: 'again' }
  | { readonly what: 'archive'; readonly count: number; readonly url: string; readonly ca: string; readonly sha256: string }

export interface Done {
  /** Of each guest, from the beginning of all to its own end. */
  readonly seconds: readonly number[]
  /** Codes of faults, and how often a guest met them before it went on. */
  readonly faults: Readonly<Record<string, number>>
}

/** Reports of a thousand guests may have to wait for each other. */
const LAST_WORDS = 120

const untilFetched = bringUpStages.slice(0, bringUpStages.findIndex(({ name }) => name === 'fetch') + 1)
const shared = new Map<string, Buffer>()
let guests: System[] = []

for await (const line of createInterface({ input: process.stdin })) {
  const done = await perform(JSON.parse(line) as Task)
  closeConnections()
  process.stdout.write(`${JSON.stringify(done)}\n`)
}

async function perform(task: Task): Promise<Done> {
  const faults: Record<string, number> = {}
  const numbers = (count: number): number[] => Array.from({ length: count }, (_, number) => number)
  if (task.what === 'bring-up') guests = numbers(task.count).map((number) => guest(task, number))
  const began = performance.now()
  const took = (): number => (performance.now() - began) / 1000
  const acts = task.what === 'archive' ? numbers(task.count).map((number) => archive(task, number).then(took)) : guests.map((guest) => take(guest, faults, took))
  return { seconds: await Promise.all(acts), faults }
}

async function take(guest: System, faults: Record<string, number>, took: () => number): Promise<number> {
  const host = hostOutlet(guest)
  const announce = reporter(guest, [host.outlet, ({ fault }) => fault && (faults[fault.code] = (faults[fault.code] ?? 0) + 1)])
  await bringUp(untilFetched, guest, { announce, chance: Math.random })
  const seconds = took()
  await host.flush(LAST_WORDS)
  return seconds
}

function guest({ url, ca, token }: Extract<Task, { what: 'bring-up' }>, number: number): System {
  const instance = randomUUID()
  return {
    files: filesInMemory(injectedFiles({ instance, url, ca: caOf(number, ca), token }), shared),
    clock: { now: Date.now, uptime: () => performance.now() / 1000, sleep: (seconds) => sleep(seconds * 1000) },
    run: (program) => Promise.reject(new ProgramError(`${program} cannot be started: it is not in this guest`)),
    addresses: () => [{ name: 'lo', address: '127.0.0.1' }],
    http: realHttp,
    peek: () => Promise.reject(new Error('nothing to look at')),
    amqp: () => Promise.reject(new Error('no broker')),
  }
}

/** As a guest's own daemon, over one connection to nginx, hashed while it comes. */
async function archive({ url, ca, sha256 }: Extract<Task, { what: 'archive' }>, number: number): Promise<void> {
  const hash = createHash('sha256')
  const { status, body } = await realHttp({ url, ca: caOf(number, ca), timeout: 60_000 })
  for await (const part of body) hash.update(part)
  if (status !== 200 || hash.digest('hex') !== sha256) throw new Error(`the archive came with status ${status} and another digest`)
}

/** Connections are kept for each CA: one that differs by a line around it is a guest's own. */
function caOf(number: number, ca: string): string {
  return `guest ${number}\n${ca}`
}
