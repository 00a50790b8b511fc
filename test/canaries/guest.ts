import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import type { Test } from 'tap'
import { consoleLine } from '../../contract/console-line.ts'
import type { FaultCode } from '../../contract/fault.ts'
import { GUEST } from '../../contract/paths.ts'
import type { Report } from '../../contract/report.ts'
import { agentFailed } from '../../guest-bootstrap/agent-failed.ts'
import { openSession } from '../../guest-bootstrap/amqp/open-session.ts'
import { bringUp } from '../../guest-bootstrap/engine.ts'
import { realHttp } from '../../guest-bootstrap/machine/real-http.ts'
import { realRun } from '../../guest-bootstrap/machine/real-run.ts'
import { MEMORY, recall } from '../../guest-bootstrap/memory.ts'
import { hostOutlet } from '../../guest-bootstrap/reports/host-outlet.ts'
import { reporter } from '../../guest-bootstrap/reports/reporter.ts'
import { bringUpStages } from '../../guest-bootstrap/stages.ts'
import type { Finished, HttpAnswer, System } from '../../guest-bootstrap/system.ts'
import { machine, type Machine } from '../guest-bootstrap/machine.ts'
import type { CanaryHost } from './host.ts'
import { guestInfo } from './planted.ts'
import type { Seen } from './seen.ts'
import { RUNS } from '../guest-bootstrap/unit-states.ts'
import { wellBroker } from '../guest-bootstrap/well-broker.ts'

const SURVEY = { version: '3.11.2', managed: false, pip: true, allowed: true, missing: [] as string[], found: [] }

/** Seconds of the outlet's clock: a safety net. */
const FLUSH = 500

/** What a guest meets: a trouble changes it. */
export interface World {
  unit: string
  journal: string
  missing: string[]
  pip: Partial<Finished> | 'real'
  restart: Partial<Finished>
  /** Of a broker that is really dialled; absent: one that is well. */
  port: number | undefined
}

export interface CanaryGuest {
  readonly it: Machine
  readonly world: World
  /** Its own secret, once it has made one. */
  secret(): string
  /** A boot: the bring-up until it is ready. At each wait `mend` is asked to take the trouble away. @returns codes of the faults on the way */
  boot(mend: () => void | Promise<unknown>): Promise<FaultCode[]>
  /** systemd's call after an end of the agent. */
  agentEnded(): Promise<void>
}

/** The daemon's own code over the real host-server; its files are real, in a folder, and what it says is kept. */
export function canaryGuest(teardowns: AsyncDisposableStack, host: CanaryHost, seen: Seen, instance: string, token: string): CanaryGuest {
  const t = { teardown: (act: () => void) => teardowns.defer(act) } as unknown as Test
  const world: World = { unit: RUNS, journal: '', missing: [], pip: {}, restart: {}, port: undefined }
  const it = machine(t, {
    ca: readFileSync(host.state.ca, 'utf8'),
    changed: {
      http: (request) => (request.url.startsWith('https:') ? realHttp(request) : Promise.resolve(metadata(token))),
      amqp: (target) => (world.port === undefined ? Promise.resolve(wellBroker()) : openSession({ ...target, host: '127.0.0.1', port: world.port, timeout: 2000 })),
    },
    programs: async (program, args, options) => {
      if (args[0] === 'show') return { stdout: world.unit }
      if (args[0] === 'restart') return world.restart
      if (program === 'journalctl') return { stdout: world.journal }
      if (args[0] === '-c') return { stdout: JSON.stringify({ ...SURVEY, missing: world.missing }) }
      if (args[1] !== 'pip') return {}
      const ended = world.pip === 'real' ? await realPip(it, args.slice(2), options?.env ?? {}) : world.pip
      if ((ended.code ?? 0) === 0) world.missing = []
      return ended
    },
  })
  it.put(GUEST.config, JSON.stringify({ format: 1, urls: [host.url], token, agent: { user: 'trove' } }), 0o600)
  it.put(GUEST.guestInfo[0], guestInfo(instance))
  it.put('/usr/bin/python3', '')
  it.put(`${GUEST.imageVenv}/bin/python`, '')

  // The guest's own clock goes as fast as it is asked; what goes over a network needs time that passes.
  const outletClock = { ...it.system.clock, sleep: (seconds: number) => pause(seconds * 20, undefined, { ref: false }) }
  const say = (report: Report): void => {
    seen.add("the guest's console", `trovestrap[1]: ${consoleLine(report)}\n`)
    seen.add("the guest's journal", `<4>${consoleLine(report)}\n`)
  }
  return {
    it,
    world,
    secret: () => recall(it.system.files, MEMORY.enrolment)!.secret,
    async boot(mend) {
      it.system.files.remove('/run')
      it.clock.slept.length = 0
      const codes: FaultCode[] = []
      const waits = async (seconds: number): Promise<void> => {
        if (codes.length > 0) await mend()
        await it.system.clock.sleep(seconds)
      }
      const system: System = { ...it.system, clock: { ...it.system.clock, sleep: waits } }
      const host = hostOutlet({ ...it.system, clock: outletClock })
      const announce = reporter(system, [say, host.outlet, ({ fault }) => fault && codes.push(fault.code as FaultCode)])
      await bringUp(bringUpStages, system, { announce, chance: () => 0 }).catch((cause: Error) => {
        throw new Error(`the guest did not become ready, after ${codes.slice(-5).join(', ') || 'no fault'}`, { cause })
      })
      await host.flush(FLUSH)
      return codes
    },
    async agentEnded() {
      await agentFailed(it.system, [say])
    },
  }
}

/** What the metadata service says of this instance: nothing but the token. */
function metadata(token: string): HttpAnswer {
  return { status: 200, headers: {}, body: Readable.from([Buffer.from(JSON.stringify({ meta: { trovestrap_token: token } }))]) }
}

/** The pip of this machine, with the files that the guest gave it; it installs into the guest's folder. */
async function realPip({ root, system }: Machine, args: readonly string[], environment: Readonly<Record<string, string>>): Promise<Finished> {
  const inside = (text: string): string => text.replace(/(^|[\s=])(\/(?:run|etc|opt|var)\/)/g, `$1${root}$2`)
  const config = system.files.text(environment['PIP_CONFIG_FILE']!)!
  system.files.write(environment['PIP_CONFIG_FILE']!, inside(config), { mode: 0o600 })
  const python = (await realRun('/usr/bin/env', ['sh', '-c', 'command -v python3'])).stdout.trim()
  const env = Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, inside(value)]))
  return await realRun(python, ['-m', 'pip', ...args.map(inside), '--target', join(root, 'site')], { env, timeout: 300 })
}
