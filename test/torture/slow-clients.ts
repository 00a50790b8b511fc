// What slow-clients-kinds.ts does, all of it at once and from one address; beside it, from the same address, a guest that behaves.
import type { Socket } from 'node:net'
import https from 'node:https'
import { address, ROUTES } from '../../contract/routes.ts'
import { MOST_CONNECTIONS } from '../../host-server/limits.ts'
import { until } from '../../lab/until.ts'
import { packOf } from '../host-server/pack-of.ts'
import { postReports, realHost, type Guest, type RealHost, type Served } from '../host-server/real-host.ts'
import { reportOf } from '../host-server/store/report-of.ts'
import { SLOW_CLIENTS, type SlowClient, type Target } from './slow-clients-kinds.ts'
import { figure, type Torture, type TortureRun } from './torture.ts'

/** Larger than what the kernel and both ends of TLS buffer: several MB on the loopback. */
const BALLAST = 24 * 1024 * 1024
/** Resident memory that host-server may have at most, with all of them there. */
const MOST_MB = 600
/** Beside connections: an answer that is being sent holds its pack open, and host-server has some of its own. */
const FILES = 200
/** A busy machine may be so much later than the limits say. */
const LATE_MS = 60_000
/** Connections that are being opened at once: the kernel's queue holds 511. */
const AT_ONCE = 200

export const slowClients: Torture = {
  name: 'slow-clients',
  purpose: 'Thousands of clients that say nothing, too little or too much: a guest behind the same address is served all the while, memory is bounded, and all of them are gone after their time',
  takes: '3 min',
  async run(run) {
    await using host = await realHost({ ballast: BALLAST })
    const guests = host.enrol(40)
    const served = await host.start()
    const target = { host, ca: host.ca, pack: await packOf(host, guests[0]!) }
    // Before the first is counted, everything is loaded that a request loads.
    await behave(host, guests[0]!, target.pack)
    const before = { descriptors: served.descriptors(), megabytes: served.megabytes() }
    await using good = behaving(host, guests[0]!, target.pack)
    await using watched = watching(served)

    const full = run.size === 'full'
    const kinds = full ? [...SLOW_CLIENTS.brief, ...SLOW_CLIENTS.patient] : SLOW_CLIENTS.brief
    const crowded = full ? 6000 : 300
    const idle = full ? 5000 : crowded / 2
    // More than there is room for, faster than the first of them have to go.
    const many = (count: number, wanted: string): SlowClient[] => Array<SlowClient>(count).fill(kinds.find(({ name }) => name === wanted)!)
    const clients = [...many(idle - crowded / 2, 'has TLS and says nothing'), ...crowd(kinds, crowded, run), ...many(MOST_CONNECTIONS, 'connects and says nothing')]
    const sockets = await comeAll(clients, guests.slice(1), target)
    const most = watched.descriptors
    run.say(`${sockets.length} came, ${most} descriptors, ${Math.round(watched.megabytes)} MB`)
    const came = performance.now()
    const atRest = before.descriptors + 10
    await until('all of them to be gone', () => (served.descriptors() <= atRest ? true : undefined), { timeoutMs: Math.max(...clients.map(({ endsAfter }) => endsAfter)) + LATE_MS }).catch((error: Error) => run.say(error.message))
    const goneAfter = (performance.now() - came) / 1000
    const left = served.descriptors()
    const { latencies, failed } = await good.stop()
    for (const socket of sockets) socket.destroy()

    const worst = latencies.toSorted((a, b) => a - b)
    const at = (share: number): string => `${Math.round(worst[Math.floor((worst.length - 1) * share)] ?? NaN)} ms`
    return [
      figure('clients that came, in all', `${sockets.length} (${idle} idle with TLS)`, 'more than are let in', sockets.length > MOST_CONNECTIONS),
      figure('most descriptors of host-server', `${watched.descriptors}`, `at most ${MOST_CONNECTIONS + FILES}`, watched.descriptors <= MOST_CONNECTIONS + FILES && watched.descriptors > before.descriptors + 100),
      figure('requests of the guest that behaves, every third on a new connection', `${latencies.length} answered, ${failed.length} not${failed[0] === undefined ? '' : ` (${failed[0]})`}`, 'every one answered', failed.length === 0 && latencies.length > 20),
      figure('its answers: median, 99 %, slowest', `${at(0.5)}, ${at(0.99)}, ${at(1)}`, 'answered', true),
      figure('most memory of host-server', `${Math.round(watched.megabytes)} MB (${Math.round(before.megabytes)} MB before)`, `at most ${MOST_MB} MB`, watched.megabytes <= MOST_MB),
      figure('descriptors after the last has gone', `${left} after ${goneAfter.toFixed(0)} s (${before.descriptors} before)`, `at most ${atRest}`, left <= atRest),
      figure('host-server', `${served.log().split('\n').filter((line) => /"level":(50|60)/.test(line)).length} errors in its log`, 'none', !/"level":(50|60)/.test(served.log())),
    ]
  },
}

/** So many clients by their shares, mixed. */
function crowd(kinds: readonly SlowClient[], count: number, { random }: TortureRun): SlowClient[] {
  const clients = kinds.flatMap((kind) => Array<SlowClient>(Math.ceil((kind.share * count) / 100)).fill(kind))
  return clients.map((client) => ({ client, at: random() })).sort((a, b) => a.at - b.at).map(({ client }) => client)
}

/** Each client has one of the guests' credentials. @returns once the last has connected or was refused */
async function comeAll(clients: readonly SlowClient[], guests: readonly Guest[], target: Omit<Target, 'guest'>): Promise<Socket[]> {
  const sockets: Socket[] = []
  for (let from = 0; from < clients.length; from += AT_ONCE) {
    const wave = clients.slice(from, from + AT_ONCE).map((client, number) => client.come({ ...target, guest: guests[(from + number) % guests.length]! }))
    sockets.push(...wave)
    await Promise.all(wave.map((socket) => new Promise<void>((resolve) => void socket.on('error', () => resolve()).once('close', () => resolve()).once('connect', () => resolve()))))
  }
  return sockets
}

interface Behaving extends AsyncDisposable {
  stop(): Promise<{ latencies: number[]; failed: string[] }>
}

/** A guest that asks for what a guest asks for, again and again. */
function behaving(host: RealHost, guest: Guest, pack: string): Behaving {
  const latencies: number[] = []
  const failed: string[] = []
  let over = false
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1, ca: host.ca })
  const loop = (async () => {
    for (let number = 1; !over; number++) {
      const began = performance.now()
      await behave(host, guest, pack, number, agent).catch((error: Error) => failed.push(error.message))
      latencies.push((performance.now() - began) / 3)
    }
  })()
  const stop = async () => {
    over = true
    await loop
    agent.destroy()
    return { latencies, failed }
  }
  return { stop, async [Symbol.asyncDispose]() { await stop() } }
}

/** @throws when one is not answered as it should be */
async function behave(host: RealHost, guest: Guest, pack: string, number = 1, agent?: https.Agent): Promise<void> {
  const own = { headers: { authorization: `Bearer ${guest.credential}` } }
  const manifest = await host.ask(ROUTES.manifest, own)
  const part = await host.ask(address(ROUTES.content, pack), { ...(agent ? { agent } : {}), headers: { ...own.headers, range: 'bytes=0-65535' } })
  const report = await postReports(host, guest, [reportOf(number)], agent ?? new https.Agent({ ca: host.ca }))
  const got = [manifest.status, part.status, part.body.length, report.status].join(' ')
  if (got !== '200 206 65536 204') throw new Error(`expected 200 206 65536 204, got ${got}`)
}

interface Watching extends AsyncDisposable {
  /** The most that was seen. */
  readonly megabytes: number
  readonly descriptors: number
}

function watching(served: Served): Watching {
  const most = { megabytes: 0, descriptors: 0 }
  const look = (): void => {
    most.megabytes = Math.max(most.megabytes, served.megabytes())
    most.descriptors = Math.max(most.descriptors, served.descriptors())
  }
  look()
  const timer = setInterval(look, 100)
  return Object.assign(most, { async [Symbol.asyncDispose]() { clearInterval(timer) } })
}
