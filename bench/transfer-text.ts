import { CASES, type Case, type Way } from './peers/way.ts'
import { median, ratio } from './statistics.ts'
import type { Condition, Measured } from './transfer-rounds.ts'

export interface Results {
  readonly ways: Readonly<Record<'started' | 'running' | 'archive' | 'flushed' | 'node' | 'rsync' | 'wget', Way>>
  readonly measured: ReadonlyMap<Condition, Measured>
  /** Of the conditions, those that something is wanted of. */
  readonly loopback: Condition
  readonly far: Condition
  /** Seconds from the daemon's start to its first request. */
  readonly starts: readonly number[]
  readonly ownDisk: boolean
}

/** @returns markdown */
export function transferText(results: Results): string {
  return `${intro(results.ownDisk)}\n\n${times(results)}\n\n${targets(results)}\n`
}

const intro = (ownDisk: boolean): string => `Trove's tree as Debian's python3-trove has it, from a host to a guest on the same machine. Every way is a whole process, from its start to the tree in place; medians, the ways in turn within each round, the tree compared with
the source in the first. \`trovestrap\` is the guest's daemon as it is in an image (its Node, its bundle), with a root folder of its own: identify, network, enrol, fetch, over TLS 1.3, every digest verified, flushed to the disk before the tree is
named; it says what it does to its journal and to the host, as always. No other way verifies, and none but the one that says so flushes. *after a reboot*: the tree is there, and every file of it is hashed. *A daemon that runs already* asks over
the connection that it keeps. Links are one and the same relay for all; it delays and throttles what is sent, each way, not the opening of a TCP connection. Host, guests and trees lie
on ${ownDisk ? 'an ext4 of their own' : 'the file system of the cache'}.`

function times({ ways, measured }: Results): string {
  const columns = [...measured].map(([{ name, rounds }, { roundTripMs }]) => `${name} (measured ${roundTripMs.toFixed(1)} ms; ${rounds} rounds)`)
  const rows = CASES.flatMap((which) =>
    Object.values(ways).flatMap((way) => {
      const all = [...measured.values()].map(({ seconds }) => seconds.get(way)?.[which])
      return all.every((one) => one === undefined) ? [] : [`| ${which} | ${way.name} | ${all.map((one) => (one ? `${milliseconds(median(one))}` : '-')).join(' | ')} |`]
    }),
  )
  return [`| case | way | ${columns.join(' | ')} |`, `|---|---|${columns.map(() => '---|').join('')}`, ...rows].join('\n')
}

function targets({ ways: { started, running, wget, rsync, archive, node }, measured, loopback, far, starts }: Results): string {
  const time = (condition: Condition, way: Way, which: Case): number => median(measured.get(condition)!.seconds.get(way)![which]!)
  const times = (peer: Way, own: Way, which: Case, condition: Condition): number => time(condition, peer, which) / time(condition, own, which)
  const atLeast = (what: string, value: number, wanted: number): string => row(what, `${ratio(value)} times`, `${wanted} times`, value >= wanted)
  const peak = Math.max(...[...measured.values()].map(({ peak }) => peak))
  return [
    '| figure | measured | wanted |',
    '|---|---|---|',
    limit('cold, loopback: time beside curl of a tar.gz from nginx, tar', time(loopback, started, 'cold') / time(loopback, archive, 'cold'), 1.5),
    row('what bounds it: the same beside it with Node in place of curl, and nothing verified, flushed or reported', `${ratio(time(loopback, node, 'cold') / time(loopback, archive, 'cold'))} times`, '-', true),
    atLeast('cold, loopback: faster than wget -r', times(wget, started, 'cold', loopback), 3),
    row('what bounds it: Node in place of curl, as above', `${ratio(times(wget, node, 'cold', loopback))} times`, '-', true),
    atLeast('cold, 20 ms: faster than wget -r', times(wget, started, 'cold', far), 20),
    ...[...measured.keys()].map((condition) => atLeast(`cold, ${condition.name}: faster than rsync over SSH`, times(rsync, started, 'cold', condition), 1)),
    ...(['unchanged', 'one file changed'] as const).flatMap((which) => [
      atLeast(`${which}, loopback: faster than rsync over SSH, a daemon that starts`, times(rsync, started, which, loopback), 5),
      atLeast(`${which}, loopback: faster than rsync over SSH, a daemon that runs already`, times(rsync, running, which, loopback), 5),
    ]),
    row('what bounds a daemon that starts: rsync over SSH, unchanged, beside the time from its start to its first request alone', `${ratio(time(loopback, rsync, 'unchanged') / median(starts))} times`, '-', true),
    row('daemon: from its start to its first request', milliseconds(median(starts)), 'under 150 ms', median(starts) < 0.15),
    row('daemon: peak memory while it fetches', `${Math.round(peak / 1e6)} MB`, 'under 90 MB', peak < 90e6),
  ].join('\n')
}

const limit = (what: string, value: number, wanted: number): string => row(what, `${ratio(value)} times`, `at most ${wanted} times`, value <= wanted)

const row = (what: string, measured: string, wanted: string, met: boolean): string => `| ${what} | ${measured} | ${wanted}${met ? '' : ' ✗'} |`

const milliseconds = (seconds: number): string => `${Math.round(seconds * 1000)} ms`
