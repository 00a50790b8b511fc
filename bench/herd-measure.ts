// The measurement of herd.ts: a process of its own, with the folder to work in, and its disk.
import { spawn } from 'node:child_process'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { stateFolder } from '../host-server/state-folder.ts'
import { digestOfFile } from '../image-builder/payload.ts'
import { startDaemon, whileRunning } from '../lab/daemon.ts'
import { freePorts } from '../lab/free-ports.ts'
import { benchHost } from './bench-host.ts'
import type { Done, Task } from './herd-guests.ts'
import { mountDisk } from './own-disk.ts'
import { answers } from './peers/answers.ts'
import { archive, startNginx, type Nginx } from './peers/nginx.ts'
import { cpuSeconds, peakMemory } from './server-cost.ts'
import { median, percentile, ratio, seconds } from './statistics.ts'
import { troveTrees } from './trees.ts'

const GUESTS = 1000
/** The clients' processes; each has as many guests as the others. */
const PROCESSES = 2

interface Herd {
  readonly seconds: readonly number[]
  readonly faults: Readonly<Record<string, number>>
  /** Seconds of the server's CPU time, and of the clients'. */
  readonly cpu: number
  readonly clientsCpu: number
  /** Requests that host-server has answered. */
  readonly answered: number
}

const [folder, image] = process.argv.slice(2) as [string, string?]
mountDisk(folder, image)
process.stdout.write(await measure())

async function measure(): Promise<string> {
  await using stack = new AsyncDisposableStack()
  const { before } = await troveTrees(folder)
  const host = stack.use(await benchHost(join(folder, 'host'), before))
  const archives = join(folder, 'archives')
  await mkdir(archives)
  const file = await archive(archives, before)
  const nginx = stack.use(await startNginx(join(folder, 'nginx'), archives))
  const bare = stack.use(await startBareNode(folder, nginx, file))
  const clients = stack.use(startClients())
  const count = GUESTS / PROCESSES
  const run = async (what: string, pid: number, task: Task): Promise<Herd> => {
    process.stderr.write(`${what}\n`)
    const [cpu, clientsCpu, answered] = [cpuSeconds(pid), clients.cpu(), await answeredBy(host.log)]
    const done = await clients.perform(task)
    return { ...done, cpu: cpuSeconds(pid) - cpu, clientsCpu: clients.cpu() - clientsCpu, answered: (await answeredBy(host.log)) - answered }
  }
  const ca = await readFile(stateFolder(host.state).ca, 'utf8')
  const token = (await host.trovestrap(['token', 'create'])).trim()
  const fromArchive: Task = { what: 'archive', count, url: `https://127.0.0.1:${nginx.port}/tree.tar.gz`, ca: nginx.ca, sha256: await digestOfFile(file) }
  const peer = await run(`${GUESTS} downloads from nginx`, nginx.pid, fromArchive)
  const floor = await run(`${GUESTS} downloads from Node's own server`, bare.pid, { ...fromArchive, url: `https://127.0.0.1:${bare.port}/` })
  const cold = await run(`${GUESTS} new guests`, host.pid(), { what: 'bring-up', count, url: `https://127.0.0.1:${new URL(host.url).port}`, ca, token })
  const { instances } = await host.client.instances()
  const fetched = instances.filter(({ latest }) => latest?.stage === 'fetch' && latest.state === 'done').length
  const again = await run(`${GUESTS} unchanged guests`, host.pid(), { what: 'again' })
  return text({ peer, floor, cold, again }, fetched, { ours: peakMemory(host.pid()), bare: peakMemory(bare.pid) })
}

/** As its log says, a line for each. */
async function answeredBy(log: string): Promise<number> {
  return (await readFile(log, 'utf8')).split('"msg":"request"').length - 1
}

/** With the certificate of nginx, and the Node of `trovestrap serve`. */
async function startBareNode(folder: string, { keyFile, certificateFile }: Nginx, file: string): Promise<AsyncDisposable & { readonly port: number; readonly pid: number }> {
  const port = (await freePorts(1))[0]!
  const program = join(import.meta.dirname, 'peers/node-server.ts')
  const server = await startDaemon({ name: "Node's own server", command: [process.execPath, '--max-semi-space-size=1', program, String(port), keyFile, certificateFile, file], log: join(folder, 'node-server.log') })
  await whileRunning(server, answers(port))
  return { port, pid: server.pid, [Symbol.asyncDispose]: () => server.stop() }
}

interface Clients extends AsyncDisposable {
  perform(task: Task): Promise<Done>
  /** Seconds of CPU time so far. */
  cpu(): number
}

function startClients(): Clients {
  const children = Array.from({ length: PROCESSES }, () => spawn(process.execPath, [join(import.meta.dirname, 'herd-guests.ts')], { stdio: ['pipe', 'pipe', 'inherit'] }))
  const answers = children.map(({ stdout }) => createInterface({ input: stdout })[Symbol.asyncIterator]())
  return {
    cpu: () => children.reduce((sum, { pid }) => sum + cpuSeconds(pid!), 0),
    async perform(task) {
      for (const { stdin } of children) stdin.write(`${JSON.stringify(task)}\n`)
      const lines = await Promise.all(answers.map((answer) => answer.next()))
      if (lines.some(({ done }) => done)) throw new Error(`a process of guests has ended while they were to ${task.what}`)
      const all = lines.map(({ value }) => JSON.parse(String(value)) as Done)
      const faults: Record<string, number> = {}
      for (const one of all) for (const [code, times] of Object.entries(one.faults)) faults[code] = (faults[code] ?? 0) + times
      return { seconds: all.flatMap((one) => one.seconds), faults }
    },
    async [Symbol.asyncDispose]() {
      for (const child of children) child.kill('SIGKILL')
    },
  }
}

function text({ peer, floor, cold, again }: Readonly<Record<'peer' | 'floor' | 'cold' | 'again', Herd>>, fetched: number, peak: Readonly<Record<'ours' | 'bare', number>>): string {
  const each = (cpu: number): string => `${((cpu / GUESTS) * 1000).toFixed(1)} ms`
  const line = (what: string, herd: Herd): string => `| ${what} | ${seconds(median(herd.seconds))} | ${seconds(percentile(herd.seconds, 99))} | ${seconds(Math.max(...herd.seconds))} | ${each(herd.cpu)} | ${each(herd.clientsCpu)} | ${faultsOf(herd)} |`
  const row = (what: string, measured: string, wanted: string, met: boolean): string => `| ${what} | ${measured} | ${wanted}${met ? '' : ' ✗'} |`
  const none = (herd: Herd): boolean => Object.keys(herd.faults).length === 0
  return `${GUESTS} guests at once, in ${PROCESSES} processes on the same ${PROCESSES} cores, against one \`trovestrap serve\`: the daemon's own stages from identify to fetch, engine, reports and TLS 1.3, each guest over a connection of its own, its manifest
checked, its pack unpacked and every file hashed. Left out: the start of a process for each, what it writes (small files stay in memory, contents are dropped once they are hashed), V8 without its compilers. nginx: the tree as one
tar.gz, over TLS 1.3 with a certificate of the same kind; the client hashes it. Times are from the beginning of all to a guest's own end, and most of
them is the clients' own CPU time, which real guests have processors of their own for.

| ${GUESTS} at once | p50 | p99 | last | server's CPU time for one | client's | faults on the way |
|---|---|---|---|---|---|---|
${line('nginx, tar.gz', peer)}
${line("Node's own server, the same tar.gz", floor)}
${line('trovestrap, new guests', cold)}
${line('trovestrap, unchanged guests', again)}

| figure | measured | wanted |
|---|---|---|
${[
  row('new guests whose fetch is done, by their own reports', `${fetched} of ${GUESTS}`, 'all', fetched === GUESTS),
  row('errors', `${faultsOf(cold)}; unchanged: ${faultsOf(again)}`, 'none', none(cold) && none(again)),
  row("server's CPU time for a new guest beside nginx's for the archive", `${ratio(cold.cpu / peer.cpu)} times`, 'at most 2.0 times', cold.cpu <= 2 * peer.cpu),
  row("what bounds it: Node's own server, which has one answer and no credentials, beside nginx", `${ratio(floor.cpu / peer.cpu)} times`, '-', true),
  row('and: requests of a new guest, and of an unchanged one, that are answered; nginx answers one', `${(cold.answered / GUESTS).toFixed(1)}, ${(again.answered / GUESTS).toFixed(1)}`, '-', true),
  row('host-server: resident at the most', `${Math.round(peak.ours / 1e6)} MB`, 'under 250 MB', peak.ours < 250e6),
  row("what bounds it: Node's own server with a thousand connections", `${Math.round(peak.bare / 1e6)} MB`, '-', true),
].join('\n')}
`
}

function faultsOf({ faults }: Herd): string {
  return Object.entries(faults).map(([code, times]) => `${times} × ${code}`).join(', ') || 'none'
}
