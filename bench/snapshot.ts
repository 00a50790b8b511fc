import { cpSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { takeSnapshot } from '../host-server/snapshot.ts'
import { cacheRoot } from '../lab/cache.ts'
import { median } from './statistics.ts'
import { troveTrees } from './trees.ts'

/** Files of a Trove checkout with its documents and tests. */
const CHECKOUT = 1085
const LARGE = 50_000
const ROUNDS = 7
const LARGE_ROUNDS = 3
/** The tree is made long before it is looked at, so that nothing waits for it to come to rest. */
const QUIET_MS = 1

interface Times {
  readonly first: number[]
  readonly unchanged: number[]
}

/** Taking a snapshot of a tree in the page cache, in one process, for the first time and when nothing has changed. @returns markdown */
export async function snapshot(): Promise<string> {
  const folder = join(cacheRoot(), `bench-snapshot-${process.pid}`)
  mkdirSync(folder, { recursive: true })
  try {
    const { before } = await troveTrees(join(folder, 'trove'))
    const checkout = await timesOf(folder, treeOf(folder, before, CHECKOUT), ROUNDS)
    const large = await timesOf(folder, treeOf(folder, before, LARGE), LARGE_ROUNDS)
    return text(checkout, large)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** So many files of Trove's own: its tree, over and over below folders of its own. @returns its root */
function treeOf(folder: string, trove: string, count: number): string {
  console.log(`a tree of ${count} files`)
  const root = join(folder, `tree-${count}`)
  cpSync(trove, root, { recursive: true })
  let left = count - filesIn(root).length
  for (let copy = 0; left > 0; copy++) {
    const own = filesIn(trove).slice(0, left)
    for (const path of own) {
      const to = join(root, `copy-${copy}`, path)
      mkdirSync(join(to, '..'), { recursive: true })
      cpSync(join(trove, path), to)
    }
    left -= own.length
  }
  return root
}

const filesIn = (root: string): string[] => readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) => statSync(join(root, path)).isFile())

async function timesOf(folder: string, root: string, rounds: number): Promise<Times> {
  const source = { path: root, exclude: ['.*', '__pycache__', '*.pyc'], git_ignored: false }
  const times: Times = { first: [], unchanged: [] }
  for (let round = 0; round < rounds; round++) {
    console.log(`${root.split('-').at(-1)} files, round ${round + 1} of ${rounds}`)
    const content = join(folder, 'content')
    rmSync(content, { recursive: true, force: true })
    const take = async (into: number[], previous?: Awaited<ReturnType<typeof takeSnapshot>>) => {
      const began = performance.now()
      const taken = await takeSnapshot(source, { requirements: [] }, content, { quiet: QUIET_MS, ...(previous ? { previous } : {}) })
      into.push(performance.now() - began)
      return taken
    }
    const taken = await take(times.first)
    const again = await take(times.unchanged, taken)
    if (again !== taken) throw new Error('an unchanged tree gave another snapshot')
  }
  return times
}

function text(checkout: Times, large: Times): string {
  const first = median(checkout.first)
  const unchanged = median(checkout.unchanged)
  const each = (times: readonly number[], files: number): number => (median(times) / files) * 1000
  const row = (what: string, measured: string, wanted: string, met: boolean): string => `| ${what} | ${measured} | ${wanted}${met ? '' : ' ✗'} |`
  const [firstEach, unchangedEach] = [each(checkout.first, CHECKOUT), each(checkout.unchanged, CHECKOUT)]
  const [largeFirst, largeUnchanged] = [each(large.first, LARGE), each(large.unchanged, LARGE)]
  return `A folder of ${CHECKOUT} files of Trove's own and one of ${LARGE}, in the page cache; in one process, medians of ${ROUNDS} and ${LARGE_ROUNDS}. The first snapshot lists, looks at, reads, hashes and compresses every file twice (zstd and gzip), and flushes
both packs; an unchanged one lists and looks at all of it twice.

| figure | measured | wanted |
|---|---|---|
${[
  row(`first, ${CHECKOUT} files`, `${Math.round(first)} ms`, 'under 300 ms', first < 300),
  row(`unchanged, ${CHECKOUT} files`, `${Math.round(unchanged)} ms`, 'under 30 ms', unchanged < 30),
  row(`first, ${LARGE} files: each`, `${Math.round(largeFirst)} µs (${(median(large.first) / 1000).toFixed(1)} s in all)`, `no more than ${Math.round(firstEach)} µs`, largeFirst <= firstEach),
  row(`unchanged, ${LARGE} files: each`, `${Math.round(largeUnchanged)} µs (${(median(large.unchanged) / 1000).toFixed(1)} s in all)`, `no more than ${Math.round(unchangedEach)} µs`, largeUnchanged <= unchangedEach),
].join('\n')}
`
}
