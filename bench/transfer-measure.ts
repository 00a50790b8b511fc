// The measurement of transfer.ts: a process of its own, with the folder to work in, and its disk.
import { join } from 'node:path'
import { benchHost } from './bench-host.ts'
import { firstRequests } from './first-request.ts'
import { guestProgram } from './guest-program.ts'
import { mountDisk } from './own-disk.ts'
import { curlTar } from './peers/nginx.ts'
import { rsync } from './peers/rsync.ts'
import { trovestrap } from './peers/trovestrap.ts'
import { CASES, type Case, type Way } from './peers/way.ts'
import { wget } from './peers/wget.ts'
import { median, ratio } from './statistics.ts'
import { rounds, type Condition, type Measured } from './transfer-rounds.ts'
import { troveTrees } from './trees.ts'

const CONDITIONS: readonly Condition[] = [
  { name: 'loopback', rounds: 9 },
  { name: '1 ms round trip', link: { delayMs: 0.5 }, rounds: 5 },
  { name: '20 ms round trip', link: { delayMs: 10 }, rounds: 3 },
  { name: '10 Mbit/s', link: { bytesPerSecond: 1_250_000 }, rounds: 3 },
]
const STARTS = 15

const [folder, image] = process.argv.slice(2) as [string, string?]
mountDisk(folder, image)
process.stdout.write(await measure())

async function measure(): Promise<string> {
  await using stack = new AsyncDisposableStack()
  const trees = await troveTrees(folder)
  const host = stack.use(await benchHost(join(folder, 'host'), trees.before))
  const program = await guestProgram(folder, join(import.meta.dirname, 'transfer-guest.ts'))
  const ours = await trovestrap(host, program, trees)
  const peers = { wget: stack.use(await wget(folder, trees)), rsync: stack.use(await rsync(folder, trees)), archive: stack.use(await curlTar(folder, trees, { flushed: false })) }
  const flushed = stack.use(await curlTar(folder, trees, { flushed: true }))
  const ways = [ours.started, ours.running, peers.archive, flushed, peers.rsync, peers.wget]
  const measured = new Map<Condition, Measured>()
  for (const condition of CONDITIONS) measured.set(condition, await rounds(folder, ways, trees, condition, tell))
  tell('from the start of the daemon to its first request')
  const starts = await firstRequests(folder, program, STARTS)
  return `${intro()}\n\n${times(ways, measured)}\n\n${targets(ours, peers, measured, starts)}\n`
}

const intro = (): string => `Trove's tree as Debian's python3-trove has it, from a host to a guest on the same machine. Every way is a whole process, from its start to the tree in place; medians, the ways in turn within each round, the tree compared with
the source in the first. \`trovestrap\` is the guest's daemon as it is in an image (its Node, its bundle), with a root folder of its own: identify, network, enrol, fetch, over TLS 1.3, every digest verified, flushed to the disk before the tree is
named; it says what it does to its journal and to the host, as always. No other way verifies, and none but the one that says so flushes. *after a reboot*: the tree is there, and every file of it is hashed. *A daemon that runs already* asks over
the connection that it keeps. Links are one and the same relay for all; it delays and throttles what is sent, each way, not the opening of a TCP connection. Host, guests and trees lie
on ${image === undefined ? 'the file system of the cache' : 'an ext4 of their own'}.`

function times(ways: readonly Way[], measured: ReadonlyMap<Condition, Measured>): string {
  const columns = [...measured].map(([{ name, rounds }, { roundTripMs }]) => `${name} (measured ${roundTripMs.toFixed(1)} ms; ${rounds} rounds)`)
  const rows = CASES.flatMap((which) =>
    ways.flatMap((way) => {
      const all = [...measured.values()].map(({ seconds }) => seconds.get(way)?.[which])
      return all.every((one) => one === undefined) ? [] : [`| ${which} | ${way.name} | ${all.map((one) => (one ? `${milliseconds(median(one))}` : '-')).join(' | ')} |`]
    }),
  )
  return [`| case | way | ${columns.join(' | ')} |`, `|---|---|${columns.map(() => '---|').join('')}`, ...rows].join('\n')
}

type Ours = Awaited<ReturnType<typeof trovestrap>>

function targets({ started, running }: Ours, peers: { wget: Way; rsync: Way; archive: Way }, measured: ReadonlyMap<Condition, Measured>, starts: readonly number[]): string {
  const time = (condition: Condition, way: Way, which: Case): number => median(measured.get(condition)!.seconds.get(way)![which]!)
  const [loopback, , far] = CONDITIONS as [Condition, Condition, Condition]
  const times = (peer: Way, own: Way, which: Case, condition: Condition): number => time(condition, peer, which) / time(condition, own, which)
  const atLeast = (what: string, value: number, wanted: number): string => row(what, `${ratio(value)} times`, `${wanted} times`, value >= wanted)
  const peak = Math.max(...[...measured.values()].map(({ peak }) => peak))
  return [
    '| figure | measured | wanted |',
    '|---|---|---|',
    limit('cold, loopback: time beside curl of a tar.gz from nginx, tar', time(loopback, started, 'cold') / time(loopback, peers.archive, 'cold'), 1.5),
    atLeast('cold, loopback: faster than wget -r', times(peers.wget, started, 'cold', loopback), 3),
    atLeast('cold, 20 ms: faster than wget -r', times(peers.wget, started, 'cold', far), 20),
    ...CONDITIONS.map((condition) => atLeast(`cold, ${condition.name}: faster than rsync over SSH`, times(peers.rsync, started, 'cold', condition), 1)),
    ...(['unchanged', 'one file changed'] as const).flatMap((which) => [
      atLeast(`${which}, loopback: faster than rsync over SSH, a daemon that starts`, times(peers.rsync, started, which, loopback), 5),
      atLeast(`${which}, loopback: faster than rsync over SSH, a daemon that runs already`, times(peers.rsync, running, which, loopback), 5),
    ]),
    row('daemon: from its start to its first request', milliseconds(median(starts)), 'under 150 ms', median(starts) < 0.15),
    row('daemon: peak memory while it fetches', `${Math.round(peak / 1e6)} MB`, 'under 90 MB', peak < 90e6),
  ].join('\n')
}

const limit = (what: string, value: number, wanted: number): string => row(what, `${ratio(value)} times`, `at most ${wanted} times`, value <= wanted)

const row = (what: string, measured: string, wanted: string, met: boolean): string => `| ${what} | ${measured} | ${wanted}${met ? '' : ' ✗'} |`

const milliseconds = (seconds: number): string => `${Math.round(seconds * 1000)} ms`

function tell(text: string): void {
  process.stderr.write(`${text}\n`)
}
