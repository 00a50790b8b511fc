// As many reports as a cloud makes in months, in minutes: real TLS, connections that stay, the guests' own wire format. A few guests report far
// more than the others, as those do that fail and try again, so that retention has something to do.
import { statSync } from 'node:fs'
import https from 'node:https'
import { setTimeout as pause } from 'node:timers/promises'
import { REPORTS_KEPT } from '../../host-server/store/reports.ts'
import { until } from '../../lab/until.ts'
import { postReports, realHost, type Guest, type RealHost, type Served } from '../host-server/real-host.ts'
import { reportOf } from '../host-server/store/report-of.ts'
import { figure, type Torture } from './torture.ts'

const SIZES = {
  short: { reports: 2400, guests: 20, restless: 1 },
  full: { reports: 100_000, guests: 500, restless: 20 },
}
/** Share of all reports that the restless guests make. */
const RESTLESS_SHARE = 0.5
/** As guest-bootstrap's outlet sends them: what gathered in a quarter of a second. */
const BATCH = 2
/** Requests that are under way at the same time. */
const AT_ONCE = 32
/** What memory may grow between a quarter of the reports and all of them, in MB. */
const GROWTH_MB = 25
/** Bytes that a kept report may take in the database, its index and what is free in it. */
const BYTES_EACH = 1500

export const soak: Torture = {
  name: 'soak',
  purpose: '100,000 reports of 500 guests: memory stays flat, the database holds what retention leaves, and guests that are long gone go without a request waiting for it',
  takes: '10 min',
  async run({ size, random, say }) {
    const { reports, guests: count, restless } = SIZES[size]
    await using host = await realHost({ lifetimes: { records: '1s' } })
    const guests = host.enrol(count).map((guest) => new Soaking(host, guest))
    try {
      const served = await host.start()
      const turns = shuffled(turnsOf(guests, { reports, restless }), random)
      const latencies: number[] = []
      const memory: number[] = []
      for (let quarter = 0; quarter < 4; quarter++) {
        const part = turns.slice((turns.length * quarter) / 4, (turns.length * (quarter + 1)) / 4)
        latencies.push(...(await report(part)))
        memory.push(served.megabytes())
        say(`${quarter + 1} of 4: ${Math.round(memory.at(-1)!)} MB, database ${megabytes(bytesOf(host))} MB`)
      }
      const sent = guests.reduce((sum, guest) => sum + guest.sent, 0)
      const expected = guests.reduce((sum, guest) => sum + Math.min(guest.sent, REPORTS_KEPT), 0)
      const kept = countKept(host, guests)
      const bytes = bytesOf(host)
      await served.end('SIGTERM')

      const gone = await removeHalf(host, guests)
      const sorted = latencies.toSorted((a, b) => a - b)
      const growth = memory.at(-1)! - memory[0]!
      return [
        figure('reports', `${sent} of ${guests.length} guests, ${latencies.length} requests`, `${reports}, each answered with 204`, sent >= reports),
        figure('memory after 25, 50, 75, 100 %', memory.map((one) => `${Math.round(one)} MB`).join(', '), 'flat', true),
        figure('its growth from 25 to 100 %', `${growth.toFixed(1)} MB, ${((growth * 1024 * 1024) / (sent * 0.75)).toFixed(0)} bytes a report`, `at most ${GROWTH_MB} MB`, growth <= GROWTH_MB),
        figure('reports that retention left', `${kept}`, `${expected}: the newest ${REPORTS_KEPT} of each`, kept === expected && expected < sent),
        figure('database', `${megabytes(bytes)} MB`, `at most ${megabytes(kept * BYTES_EACH + 8e6)} MB`, bytes <= kept * BYTES_EACH + 8e6),
        figure('answer to a report: median, 99 %, slowest', [0.5, 0.99, 1].map((share) => `${sorted[Math.floor((sorted.length - 1) * share)]!.toFixed(1)} ms`).join(', '), `said, ${AT_ONCE} at once`, true),
        figure('instances that are long gone', `${gone.removed} of ${gone.old} removed, ${gone.left} reports of them left`, 'all, and none of others', gone.removed === gone.old && gone.left === 0 && gone.others === guests.length - gone.old),
        figure('reports of others meanwhile', `${gone.answered} answered, slowest ${gone.slowest.toFixed(0)} ms`, 'every one', gone.answered > 0 && gone.failed === 0),
      ]
    } finally {
      for (const guest of guests) guest.agent.destroy()
    }
  },
}

class Soaking {
  readonly guest: Guest
  readonly agent: https.Agent
  sent = 0
  readonly #host: RealHost
  /** Its own requests follow each other, as a guest's do. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(host: RealHost, guest: Guest) {
    this.#host = host
    this.guest = guest
    this.agent = new https.Agent({ keepAlive: true, maxSockets: 1, ca: host.ca })
  }

  /** @returns milliseconds until the answer @throws when it is not 204 */
  report(): Promise<number> {
    const mine = this.#last.then(async () => {
      const batch = Array.from({ length: BATCH }, () => reportOf(++this.sent, { stage: 'fetch', note: '586 files, 5.2 MB (0.8 MB sent), verified' }))
      const began = performance.now()
      const { status } = await this.#send(batch)
      if (status !== 204) throw new Error(`expected 204, got ${status}`)
      return performance.now() - began
    })
    this.#last = mine.catch(() => {})
    return mine
  }

  /** Once more where the connection ended between two questions, as the guest's outlet does. */
  async #send(batch: readonly unknown[]) {
    try {
      return await postReports(this.#host, this.guest, batch, this.agent)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error
      return postReports(this.#host, this.guest, batch, this.agent)
    }
  }
}

/** Who reports, as often as it does. */
function turnsOf(guests: readonly Soaking[], { reports, restless }: { reports: number; restless: number }): Soaking[] {
  const often = Math.ceil((reports * RESTLESS_SHARE) / restless / BATCH)
  const seldom = Math.ceil((reports * (1 - RESTLESS_SHARE)) / (guests.length - restless) / BATCH)
  return guests.flatMap((guest, number) => Array<Soaking>(number < restless ? often : seldom).fill(guest))
}

function shuffled<T>(values: readonly T[], random: () => number): T[] {
  return values.map((value) => ({ value, at: random() })).sort((a, b) => a.at - b.at).map(({ value }) => value)
}

async function report(turns: readonly Soaking[]): Promise<number[]> {
  const latencies: number[] = []
  const left = turns.values()
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (const guest of left) latencies.push(await guest.report())
  }))
  return latencies
}

/** Every second guest is revoked and not heard of again; the others report while host-server removes them. */
async function removeHalf(host: RealHost, guests: readonly Soaking[]) {
  const old = guests.filter((_, number) => number % 2 === 0)
  const others = guests.filter((_, number) => number % 2 === 1)
  const gone = new Set(old.map(({ guest }) => guest.instance))
  host.store(({ instances }) => old.forEach(({ guest }) => instances.revoke(guest.instance, new Date())))
  // `records` is one second.
  await pause(1100)
  const served: Served = await host.start()
  let over = false
  let failed = 0
  const latencies: number[] = []
  const reporting = (async () => {
    for (let number = 0; !over; number++) await others[number % others.length]!.report().then((ms) => latencies.push(ms), () => failed++)
  })()
  const remaining = () => host.store(({ instances }) => instances.list().filter(({ instance }) => gone.has(instance)).length)
  await until('old records to go', () => (remaining() === 0 ? true : undefined), { timeoutMs: 180_000, everyMs: 200 }).catch(() => {})
  over = true
  await reporting
  const left = host.store(({ instances, reports }) => ({
    old: remaining(),
    others: instances.list().length,
    reports: old.reduce((sum, { guest }) => sum + reports.list(guest.instance).length, 0),
  }))
  await served.end('SIGTERM')
  return { old: old.length, removed: old.length - left.old, left: left.reports, others: left.others, answered: latencies.length, failed, slowest: Math.max(0, ...latencies) }
}

function countKept(host: RealHost, guests: readonly Soaking[]): number {
  return host.store(({ reports }) => guests.reduce((sum, { guest }) => sum + reports.list(guest.instance).length, 0))
}

/** With what is not yet written back into it. */
function bytesOf({ state: { database } }: RealHost): number {
  return ['', '-wal'].reduce((sum, suffix) => sum + (statSync(`${database}${suffix}`, { throwIfNoEntry: false })?.size ?? 0), 0)
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1)
