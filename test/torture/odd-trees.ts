// Trees that no checkout of Trove is, and trees that change under the hands of who fetches them.
import { randomBytes, randomUUID } from 'node:crypto'
import { appendFile, link, mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { benchHost } from '../../bench/bench-host.ts'
import { layGuest } from '../../bench/guest-root.ts'
import { guestProgram, type GuestProgram } from '../../bench/guest-program.ts'
import { startGuestDaemon } from '../../bench/peers/trovestrap.ts'
import { peakMemory } from '../../bench/server-cost.ts'
import { GUEST } from '../../contract/paths.ts'
import { stateFolder } from '../../host-server/state-folder.ts'
import type { Host } from '../../lab/host.ts'
import { run as command } from '../../lab/run.ts'
import { until } from '../../lab/until.ts'
import { startRelay } from './relay.ts'
import { figure, type Figure, type Torture, type TortureRun } from './torture.ts'

/** The daemon up to the tree in place, in a root folder of its own. */
const TO_THE_TREE = new URL('../../bench/transfer-guest.ts', import.meta.url).pathname
/** Of the contract: more is not handed out. */
const MOST_FILES = 200_000
const READ_MS = 300_000
/** Milliseconds that others may wait for an answer while the host takes in a tree. */
const NOTICED = 1_000

export const oddTrees: Torture = {
  name: 'odd-trees',
  purpose: 'A tree is huge, has 200,000 files, sparse files, hard links and names that are not UTF-8, changes while it is sent or is withdrawn: it arrives right or is refused in a clear line, and no other guest notices.',
  takes: '4 minutes',
  async run(run) {
    await using stack = new AsyncDisposableStack()
    const place = await placeOf(stack, run)
    const rows: Figure[] = []
    for (const act of [tooHuge, notUtf8, sparseAndLinked, withdrawn, ...(place.full ? [tooMany] : []), many]) {
      const row = await act(place)
      run.say(`${row.name}: ${row.measured}`)
      rows.push(row)
    }
    const slowest = await place.others()
    return [...rows, figure('meanwhile, the slowest answer to anybody else', `${slowest.toFixed(0)} ms`, `at most ${NOTICED} ms`, slowest <= NOTICED)]
  },
}

interface Place {
  readonly host: Host
  readonly source: string
  readonly full: boolean
  /** A guest that has nothing, to the tree in place. @returns its root folder, seconds and bytes of memory */
  guest(through?: { readonly port: number; readonly patient: boolean }): Promise<{ tree: string; seconds: number; peak: number }>
  /** Milliseconds of the slowest answer since the beginning. */
  others(): Promise<number>
}

async function placeOf(stack: AsyncDisposableStack, { size }: TortureRun): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'odd-trees-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const source = join(folder, 'source')
  await mkdir(join(source, 'trove/cmd'), { recursive: true })
  await writeFile(join(source, 'trove/__init__.py'), '')
  await writeFile(join(source, 'trove/cmd/guest.py'), 'def main(): pass\n')
  await writeFile(join(source, 'setup.cfg'), '[metadata]\nname = trove\nversion = 18.0.0\n')
  const host = stack.use(await benchHost(join(folder, 'host'), source))
  const program: GuestProgram = await guestProgram(folder, TO_THE_TREE)
  const [ca, token] = [await readFile(stateFolder(host.state).ca, 'utf8'), (await host.trovestrap(['token', 'create'])).trim()]
  const watch = bystander(host)
  stack.defer(async () => void (await watch()))
  return {
    host,
    source,
    full: size === 'full',
    others: watch,
    async guest({ port, patient } = { port: Number(new URL(host.url).port), patient: false }) {
      const root = await mkdtemp(join(folder, 'guest-'))
      layGuest(root, { instance: randomUUID(), url: `https://127.0.0.1:${port}`, ca, token })
      await using daemon = startGuestDaemon(program, root, { patient })
      return { seconds: await daemon.fetched(), peak: await daemon.peak(), tree: join(root, GUEST.currentSource) }
    },
  }
}

/** Asks all the time. @returns ends it, and gives the milliseconds of the slowest answer */
function bystander({ client }: Host): () => Promise<number> {
  let slowest = 0
  let ended = false
  const asking = (async () => {
    while (!ended) {
      const began = performance.now()
      await client.health()
      slowest = Math.max(slowest, performance.now() - began)
      await pause(20)
    }
  })()
  return async () => {
    ended = true
    await asking
    return slowest
  }
}

async function tooHuge(place: Place): Promise<Figure> {
  const path = join(place.source, 'trove/disk.img')
  await writeFile(path, '')
  await truncate(path, 2 * 1024 ** 3)
  return await refused(place, 'a file of 2 GiB', path, /expected at most 1 GiB in source\.path .*, got 2\.0 GiB/)
}

async function notUtf8(place: Place): Promise<Figure> {
  const path = Buffer.concat([Buffer.from(join(place.source, 'trove/')), Buffer.from([0xff, 0x2e, 0x70, 0x79])])
  await writeFile(path, '')
  return await refused(place, 'a name that is not UTF-8', path, /the name "\\xff\.py" in .* is not UTF-8/)
}

async function tooMany(place: Place): Promise<Figure> {
  const folder = await files(place, MOST_FILES + 1, 'more')
  return await refused(place, `${MOST_FILES + 1} files`, folder, new RegExp(`expected at most ${MOST_FILES} files in source\\.path`))
}

/** The tree is as it was before; what is served is served on, and a guest gets it. */
async function refused({ host, guest }: Place, name: string, path: string | Buffer, words: RegExp): Promise<Figure> {
  const before = await host.revision()
  const from = (await readFile(host.log, 'utf8')).length
  host.reload()
  const line = await until(`a line like ${words}`, async () => words.exec(messages((await readFile(host.log, 'utf8')).slice(from)))?.[0], { timeoutMs: READ_MS })
  const { seconds } = await guest()
  const same = (await host.revision()) === before
  await rm(path, { recursive: true })
  return figure(name, `“${line.slice(0, 80).replaceAll(/source\.path \S+|in \/\S+/g, '…')}”; a guest gets the tree of before in ${seconds.toFixed(1)} s`, 'refused in a line, the tree of before is served on', same)
}

/** @param log JSON, an object a line */
function messages(log: string): string {
  return log.split('\n').flatMap((line) => (line.endsWith('}') ? [(JSON.parse(line) as { msg: string }).msg] : [])).join('\n')
}

async function sparseAndLinked(place: Place): Promise<Figure> {
  const bytes = (place.full ? 256 : 16) * 1024 ** 2
  const path = join(place.source, 'trove/sparse.bin')
  await writeFile(path, 'begin')
  await truncate(path, bytes)
  await appendFile(path, 'end')
  await link(path, join(place.source, 'trove/linked.bin'))
  await reread(place)
  const { seconds, peak, tree } = await place.guest()
  await command(['diff', '-r', place.source, `${tree}/.`])
  await rm(path)
  await rm(join(place.source, 'trove/linked.bin'))
  const mib = 2 * bytes / 1024 ** 2
  return figure(`a sparse file and a hard link to it, ${mib} MiB together`, `the same in the guest after ${seconds.toFixed(1)} s, which took ${mb(peak)} of memory`, 'the same, at most 160 MB', peak < 160e6)
}

/** So many times another tree that the host has forgotten the one that is on its way. */
async function withdrawn(place: Place): Promise<Figure> {
  const { host, source } = place
  const noise = join(source, 'trove/noise.bin')
  const bytes = place.full ? 8_000_000 : 2_000_000
  await writeFile(noise, randomBytes(bytes))
  await reread(place)
  await using relay = await startRelay({ port: Number(new URL(host.url).port) }, { bytesPerSecond: bytes / 60 })
  const getting = place.guest({ port: relay.port, patient: true })
  getting.catch(() => {})
  await until('a part of the tree to be on its way', () => (relay.toClient > bytes / 20 ? true : undefined), { timeoutMs: READ_MS, everyMs: 10 })
  for (let change = 0; change < 10; change++) {
    await writeFile(noise, randomBytes(bytes / 100))
    await reread(place)
  }
  relay.cutAll()
  relay.become({})
  const { tree } = await getting
  await command(['diff', '-r', source, `${tree}/.`])
  await rm(noise)
  return figure('a revision that changes ten times while it is sent, and is forgotten when the connection breaks', 'the guest has the last one', 'the last one, whole', true)
}

async function many(place: Place): Promise<Figure> {
  const count = (place.full ? MOST_FILES : 5_000) - 3
  await files(place, count, 'many')
  const began = performance.now()
  await reread(place)
  const read = (performance.now() - began) / 1000
  const { seconds, peak, tree } = await place.guest()
  await command(['diff', '-r', place.source, `${tree}/.`])
  const memory = peakMemory(place.host.pid())
  return figure(`${count + 3} files`, `read in ${read.toFixed(1)} s, in a guest after ${seconds.toFixed(1)} s; memory: host ${mb(memory)}, guest ${mb(peak)}`, 'the same in the guest', true)
}

async function files({ source }: Place, count: number, name: string): Promise<string> {
  const folder = join(source, name)
  for (let number = 0; number < count; number += 1000) {
    const inner = join(folder, String(number / 1000))
    await mkdir(inner, { recursive: true })
    for (let file = number; file < Math.min(count, number + 1000); file++) await writeFile(join(inner, `${file}.py`), `NUMBER = ${file}\n`)
  }
  return folder
}

async function reread({ host }: Place): Promise<void> {
  const before = await host.revision()
  host.reload()
  await until('another revision', async () => ((await host.revision()) === before ? undefined : true), { timeoutMs: READ_MS, everyMs: 50 })
}

const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`
