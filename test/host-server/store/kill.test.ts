import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t from 'tap'
import { openStore } from '../../../host-server/store/open-store.ts'

const ROUNDS = 6
const SEED = 20_261_122
const INSTANCE = '11111111-1111-4111-8111-111111111111'

/** mulberry32: the same numbers in every run. */
function random(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0
    let x = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Runs a writer until it has acknowledged `count` reports and some more are under way, then kills it. @returns what it acknowledged */
async function writeAndKill(file: string, run: string, count: number, delayMs: number): Promise<number[]> {
  const writer = spawn(process.execPath, [join(import.meta.dirname, 'write-until-killed.ts'), file, INSTANCE, run], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const acknowledged: number[] = []
  for await (const line of createInterface(writer.stdout)) {
    acknowledged.push(Number(line))
    if (acknowledged.length === count) setTimeout(() => writer.kill('SIGKILL'), delayMs)
  }
  if (writer.signalCode === null && writer.exitCode === null) await once(writer, 'exit')
  return acknowledged
}

t.test('every acknowledged report is there after kill -9 at any moment', async (t) => {
  const file = join(t.testdir({}), 'db.sqlite')
  const next = random(SEED)
  for (let round = 0; round < ROUNDS; round++) {
    const run = `0000000${round}`
    const acknowledged = await writeAndKill(file, run, 1 + Math.floor(next() * 20), next() * 5)
    const store = openStore(file)
    const found = store.reports.list(INSTANCE).flatMap(({ report }) => (report.run === run ? [report.seq] : []))
    const latest = store.instances.get(INSTANCE)?.latest
    store.close()
    t.same(found.slice(0, acknowledged.length), acknowledged, `round ${round}: ${acknowledged.length} acknowledged`)
    t.ok(found.length - acknowledged.length <= 1, 'at most the one that was under way is there without having been acknowledged')
    t.same([latest?.run, latest?.seq], [run, found.at(-1)], 'the instance shows its newest report')
  }
})
