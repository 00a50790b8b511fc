import { mkdir, mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../lab/run.ts'
import { startRelay, type Link } from '../test/torture/relay.ts'
import { CASES, type Case, type Guest, type Trees, type Way } from './peers/way.ts'
import { roundTrip } from './round-trip.ts'

/** A link between host and guest. */
export interface Condition {
  readonly name: string
  /** Absent: the loopback itself. */
  readonly link?: Link
  readonly rounds: number
}

export interface Measured {
  /** Milliseconds of a round trip, as measured. */
  readonly roundTripMs: number
  /** Seconds of each round. */
  readonly seconds: ReadonlyMap<Way, Readonly<Partial<Record<Case, number[]>>>>
  /** Bytes of memory at the most. */
  readonly peak: number
}

/**
 * Takes every way through every case, in turn: what disturbs one round disturbs all of them alike. The first round also compares what came
 * with what should have come.
 * @throws when a tree is not what was sent
 */
export async function rounds(folder: string, ways: readonly Way[], trees: Trees, { name, link, rounds }: Condition, tell: (line: string) => void): Promise<Measured> {
  const seconds = new Map(ways.map((way) => [way, {} as Partial<Record<Case, number[]>>]))
  let peak = 0
  for (let round = 0; round < rounds; round++) {
    tell(`${name}, round ${round + 1} of ${rounds}`)
    await serveAll(ways, 'before')
    await using stack = new AsyncDisposableStack()
    const guests: { way: Way; guest: Guest }[] = []
    // Left where they are: what is freed makes new files slow on ext4.
    const own = await mkdtemp(join(folder, 'round-'))
    for (const way of rotated(ways, round)) {
      const port = link === undefined ? way.port : stack.use(await startRelay({ port: way.port }, link)).port
      const at = join(own, String(guests.length))
      await mkdir(at)
      guests.push({ way, guest: stack.use(await way.guest(at, port)) })
    }
    for (const which of CASES) {
      const tree = which === 'one file changed' ? 'after' : 'before'
      if (which === 'one file changed') await serveAll(ways, tree)
      for (const { way, guest } of guests) {
        // What the way before has left to be written is not for this one to wait for.
        await run(['sync', '-f', folder])
        const took = await guest.cases[which]?.()
        if (took === undefined) continue
        ;(seconds.get(way)![which] ??= []).push(took)
        if (round === 0) await run(['diff', '-r', `${trees[tree]}/.`, `${await guest.tree()}/.`])
      }
    }
    peak = Math.max(peak, ...guests.map(({ guest }) => guest.peak?.() ?? 0))
  }
  return { roundTripMs: await roundTrip(link), seconds, peak }
}

/** Two ways may have one server. */
async function serveAll(ways: readonly Way[], tree: keyof Trees): Promise<void> {
  const byPort = new Map(ways.map((way) => [way.port, way]))
  for (const way of byPort.values()) await way.serve?.(tree)
}

function rotated<T>(list: readonly T[], by: number): T[] {
  const at = by % list.length
  return [...list.slice(at), ...list.slice(0, at)]
}
