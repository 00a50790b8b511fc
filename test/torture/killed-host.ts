// host-server killed with -9 again and again while guests report, while it takes a new snapshot, and init while it makes and renews keys.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import https from 'node:https'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { median } from '../../bench/statistics.ts'
import type { Report } from '../../contract/report.ts'
import { postReports, realHost, TROVESTRAP, type Guest, type RealHost } from '../host-server/real-host.ts'
import { reportOf } from '../host-server/store/report-of.ts'
import { figure, type Torture, type TortureRun } from './torture.ts'

const KILLS = { short: 3, full: 100 }
const INITS = { short: 2, full: 40 }
const GUESTS = { short: 20, full: 100 }
/** Milliseconds of load until the kill, at most. */
const LOAD_MS = 800
/** What a start may take. */
const START_MS = 1000

export const killedHost: Torture = {
  name: 'killed-host',
  purpose: 'host-server is killed with -9 while guests report to it and while it takes a new snapshot, init while it renews keys: no report that was answered with 204 is lost, and the next start needs nobody',
  takes: '5 min',
  async run(run) {
    const kills = run.count ?? KILLS[run.size]
    await using host = await realHost()
    const guests = host.enrol(GUESTS[run.size]).map((guest) => new Reporting(host, guest))
    const starts: number[] = []
    const processor: number[] = []
    let lost = 0
    let reloads = 0
    for (let kill = 1; kill <= kills; kill++) {
      const served = await host.start()
      starts.push(served.startMs)
      processor.push(served.startCpuMs)
      lost += missing(host, guests)
      const over = new AbortController()
      const load = guests.map((guest) => guest.report(over.signal))
      if (kill % 3 === 0) {
        // In the middle of another tree's packs.
        writeFileSync(join(host.folder, 'tree/trove/__init__.py'), `number = ${kill}\n`)
        process.kill(served.pid, 'SIGHUP')
        reloads++
      }
      await pause(run.random() * LOAD_MS)
      await served.end('SIGKILL')
      over.abort()
      await Promise.all(load)
      if (kill % 10 === 0) run.say(`${kill} kills, ${acknowledged(guests)} reports acknowledged, ${lost} lost`)
    }
    const last = await host.start()
    starts.push(last.startMs)
    lost += missing(host, guests)
    const health = JSON.parse((await host.ask('/healthz')).body.toString()) as { status: string }
    await last.end('SIGTERM')
    const inits = await killInits(run)

    return [
      figure('kills under load, some while a new snapshot was taken', `${kills}, ${reloads}`, `${kills}`, starts.length === kills + 1),
      figure('reports that were acknowledged', `${acknowledged(guests)} of ${guests.length} guests`, 'many', acknowledged(guests) > kills * 10),
      figure('of these missing after the next start', `${lost}`, 'none', lost === 0),
      // Elapsed time counts only where the machine has nothing else to do, which `npm test` does not claim.
      figure('from start to the first answer: median, slowest', `${Math.round(median(starts))} ms, ${Math.round(Math.max(...starts))} ms`, `median at most ${START_MS} ms`, run.size === 'short' || median(starts) <= START_MS),
      figure('of that on a processor: median, most', `${Math.round(median(processor))} ms, ${Math.round(Math.max(...processor))} ms`, 'the rest is other work of the machine', true),
      figure('after the last start', `/healthz says ${health.status}`, 'ok', health.status === 'ok'),
      figure('init killed at any moment, then typed again and served', `${inits.served} of ${inits.killed}, ${inits.interrupted} before it was done`, 'all of them', inits.served === inits.killed && (run.size === 'short' || inits.interrupted > 0)),
    ]
  },
}

/** A guest that reports as fast as it is answered, and remembers what was acknowledged. */
class Reporting {
  readonly guest: Guest
  readonly acknowledged: number[] = []
  readonly #host: RealHost
  #seq = 0

  constructor(host: RealHost, guest: Guest) {
    this.#host = host
    this.guest = guest
  }

  /** Until the signal, or until the host is gone. What was sent and not answered is not sent again: it may be there or not. */
  async report(over: AbortSignal): Promise<void> {
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1, ca: this.#host.ca })
    try {
      while (!over.aborted) {
        const batch: Report[] = [reportOf(++this.#seq), reportOf(++this.#seq)]
        const { status } = await postReports(this.#host, this.guest, batch, agent)
        if (status !== 204) throw new Error(`expected 204, got ${status}`)
        this.acknowledged.push(...batch.map(({ seq }) => seq))
      }
    } catch (error) {
      if ((error as Error).message.startsWith('expected')) throw error
    } finally {
      agent.destroy()
    }
  }
}

const acknowledged = (guests: readonly Reporting[]): number => guests.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0)

/** How many acknowledged reports the store does not have. Those that retention has removed are older than all that it has. */
function missing(host: RealHost, guests: readonly Reporting[]): number {
  return host.store(({ reports }) =>
    guests.reduce((sum, { guest, acknowledged }) => {
      const kept = new Set(reports.list(guest.instance).map(({ report }) => report.seq))
      const oldest = kept.size < 1000 ? 0 : Math.min(...kept)
      return sum + acknowledged.filter((seq) => seq >= oldest && !kept.has(seq)).length
    }, 0),
  )
}

/** Each a fresh state folder or one whose keys are renewed; killed at a random moment, then init again, and a host-server that answers. */
async function killInits({ size, random, say }: TortureRun): Promise<{ killed: number; interrupted: number; served: number }> {
  const done = { killed: 0, interrupted: 0, served: 0 }
  await using host = await realHost()
  const began = performance.now()
  await host.run('init', '--new-ca')
  const takes = performance.now() - began
  while (done.killed < INITS[size]) {
    const renewals = ['--renew', '--new-ca', '--new-signing-key', '--new-operator-token'].filter(() => random() < 0.6)
    const child = spawn(TROVESTRAP, ['--config', host.config, 'init', ...renewals], { stdio: 'ignore' })
    const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
    // The first half is Node's own start.
    await Promise.race([pause(takes * (0.4 + 0.7 * random())), ended])
    child.kill('SIGKILL')
    const [, signal] = await ended
    done.killed++
    if (signal !== null) done.interrupted++
    try {
      const { status, output } = await host.run('init')
      if (status !== 0) throw new Error(output)
      const served = await host.start()
      const { status: health } = await host.ask('/healthz')
      await served.end('SIGTERM')
      if (health === 200) done.served++
    } catch (error) {
      say(`init ${renewals.join(' ')} killed: ${(error as Error).message}`)
    }
  }
  return done
}
