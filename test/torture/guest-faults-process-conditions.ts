import type { Report, StageName } from '../../contract/report.ts'
import type { Host } from '../../lab/host.ts'
import type { Link, Relay } from './relay.ts'

/** What is wrong with the world of one guest at a time. */
export interface World {
  readonly host: Host
  readonly relay: Relay
  /** Every write to the disk fails with this. */
  disk: 'ENOSPC' | 'EROFS' | undefined
  /** Bytes after which a file that comes in piece by piece fails so, too; for the middle of a transfer. */
  diskAfter: number
  /** Seconds that the wall clock is off. */
  clockOff: number
  address: string
  hostStopped: boolean
  /** Nobody waits for this guest any more. */
  ended: boolean
}

export const bad = (parts: Pick<World, 'host' | 'relay'>): World => ({ ...parts, disk: undefined, diskAfter: Infinity, clockOff: 0, address: '10.0.2.15', hostStopped: false, ended: false })

export interface ProcessCondition {
  readonly name: string
  readonly link?: Link
  /** At which report it happens; absent: from the beginning. */
  readonly when?: (report: Report) => boolean
  readonly apply?: (world: World) => void
  /** What happens by the bytes that came through, not by a report. @param before bytes of the guests before */
  readonly after?: (world: World, before: number) => AbortController
  /** The guest's own word for it; absent: it need not be held. */
  readonly says?: (report: Report) => boolean
  readonly lift?: (world: World) => void | Promise<void>
}

const TEN_YEARS = 10 * 365 * 86_400
/** Stages that write; by the last two an agent is started and heard. */
const WRITE: readonly StageName[] = ['identify', 'network', 'enrol', 'fetch', 'configure', 'install-requirements', 'reach-rabbitmq', 'start-agent', 'confirm']

const begins = (stage: StageName) => (report: Report): boolean => report.stage === stage && report.state === 'begun'
const fails = (stage: StageName, ...codes: string[]) => (report: Report): boolean => report.stage === stage && codes.includes(report.fault?.code ?? '')
const anywhere = (...codes: string[]) => (report: Report): boolean => codes.includes(report.fault?.code ?? '')
const emptied = (world: World): void => void Object.assign(world, { disk: undefined, diskAfter: Infinity })
const clock = (off: number) => (world: World): void => void (world.clockOff = off)

/** Does something once so many bytes have come through. */
const once = (bytes: number, act: (world: World) => void | Promise<void>) => (world: World, before: number): AbortController => {
  const watching = new AbortController()
  const timer = setInterval(() => {
    if (world.relay.toClient - before < bytes) return
    clearInterval(timer)
    void act(world)
  }, 5)
  watching.signal.addEventListener('abort', () => clearInterval(timer))
  return watching
}

export const processConditions = (random: () => number): readonly ProcessCondition[] => [
  ...WRITE.map((stage): ProcessCondition => ({ name: `disk full in ${stage}`, when: begins(stage), apply: (world) => void (world.disk = 'ENOSPC'), says: fails(stage, 'DISK_FULL'), lift: emptied })),
  { name: 'disk full in the middle of the tree', apply: (world) => void (world.diskAfter = 200_000), says: fails('fetch', 'DISK_FULL'), lift: emptied },
  ...(['enrol', 'fetch', 'configure', 'install-requirements'] as const).map(
    (stage): ProcessCondition => ({ name: `disk read-only in ${stage}`, when: begins(stage), apply: (world) => void (world.disk = 'EROFS'), says: fails(stage, 'DISK_READ_ONLY'), lift: emptied }),
  ),
  { name: 'clock ten years ahead', apply: clock(TEN_YEARS), says: fails('network', 'CLOCK_OFF'), lift: clock(0) },
  { name: 'clock ten years behind', apply: clock(-TEN_YEARS), says: fails('network', 'CLOCK_OFF'), lift: clock(0) },
  { name: 'clock jumps ten years ahead in the middle', when: begins('fetch'), apply: clock(TEN_YEARS), says: anywhere('CLOCK_OFF'), lift: clock(0) },
  { name: 'clock jumps ten years back in the middle', when: begins('fetch'), apply: clock(-TEN_YEARS), says: anywhere('CLOCK_OFF'), lift: clock(0) },
  {
    name: 'another address in the middle of the tree',
    link: { bytesPerSecond: 1_000_000 },
    after: once(150_000, (world) => {
      world.address = '10.0.2.77'
      world.relay.cutAll()
    }),
  },
  { name: 'network gone in the middle of the tree', link: { bytesPerSecond: 1_000_000 }, after: once(150_000, ({ relay }) => relay.hold()), says: anywhere('HOST_SILENT'), lift: ({ relay }) => relay.release() },
  {
    name: 'host away in the middle of the tree',
    link: { bytesPerSecond: 500_000 },
    after: once(150_000, async (world) => {
      world.hostStopped = true
      world.relay.cutAll()
      await world.host.stop()
    }),
    says: anywhere('HOST_REFUSED', 'HOST_FAILED'),
    async lift(world) {
      await world.host.stop()
      await world.host.start()
      world.hostStopped = false
    },
  },
  {
    name: 'slow link that stalls and cuts each connection, to the end',
    link: { delayMs: 10, bytesPerSecond: 1_000_000, stall: { afterBytes: () => 50_000 + random() * 50_000, ms: 100 }, cutAfter: () => 60_000 + Math.floor(random() * 60_000) },
  },
  { name: 'link that lets no manifest through', link: { cutAfter: () => 3_000 }, says: anywhere('HOST_FAILED'), lift: ({ relay }) => relay.become({}) },
]
