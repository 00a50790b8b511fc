// A real `trovestrap serve`: a process of its own, with TLS on the loopback, a tree as small as can be, and guests that were enrolled ahead.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import https from 'node:https'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import { address, ROUTES } from '../../contract/routes.ts'
import { Secret } from '../../contract/secret.ts'
import { openStore } from '../../host-server/store/open-store.ts'
import { stateFolder, type StateFolder } from '../../host-server/state-folder.ts'
import type { Store } from '../../host-server/store/store.ts'
import { until } from '../../lab/until.ts'
import { smallDisk } from './small-disk.ts'

/** As operators type it: with its compile cache and small young generation. */
export const TROVESTRAP = join(import.meta.dirname, '../../bin/trovestrap')
/** Milliseconds; what takes longer hangs. */
const HANGS_MS = 60_000
const AGENT_CONF = '[DEFAULT]\ntransport_url = rabbit://trove:secret@10.0.2.2:5672/\ncontrol_exchange = trove\n'

export interface RealHost extends AsyncDisposable {
  readonly folder: string
  /** What the command of a process starts with that sees what host-server sees. */
  readonly within: readonly string[]
  readonly state: StateFolder
  readonly ca: Buffer
  readonly port: number
  readonly config: string
  /** The bootstrap token that init has made. */
  readonly token: string
  /** Starts it; resolves once /healthz has answered 200. */
  start(): Promise<Served>
  /** Another verb of trovestrap, to its end. */
  run(...verb: string[]): Promise<{ status: number; output: string }>
  /** Writes into the store as a process beside. */
  store<T>(work: (store: Store) => T): T
  /** Enrols so many guests. */
  enrol(count: number): Guest[]
  ask(path: string, options?: https.RequestOptions & { body?: string }): Promise<Answer>
}

/** A host-server that runs. */
export interface Served {
  readonly pid: number
  /** Milliseconds from spawn to the first 200. */
  readonly startMs: number
  /** Of these, milliseconds in which it had a processor: what is left of them on a machine that does nothing else. */
  readonly startCpuMs: number
  readonly ended: Promise<number | NodeJS.Signals>
  /** What it has logged and said so far. */
  log(): string
  /** @returns exit code or signal */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals>
  /** Resident memory in MB. */
  megabytes(): number
  descriptors(): number
}

export interface Guest {
  readonly instance: string
  readonly credential: string
}

export interface Answer {
  readonly status: number
  readonly body: Buffer
}

export interface RealHostOptions {
  /** Bytes of one file in the tree that do not compress. */
  readonly ballast?: number
  /** Lines of `lifetimes` in the configuration. */
  readonly lifetimes?: Readonly<Record<string, string>>
  /**
   * The state folder is a disk of its own of so many bytes, which only the processes of this host see. `state` leads to it from outside for
   * everything but SQLite, which follows the link: no `store` and no `enrol` then.
   */
  readonly disk?: number
}

export async function realHost({ ballast = 0, lifetimes = {}, disk }: RealHostOptions = {}): Promise<RealHost> {
  const folder = mkdtempSync(join(tmpdir(), 'trovestrap-host-'))
  const inside = join(folder, 'state')
  const small = disk === undefined ? undefined : await smallDisk(inside, disk)
  const within = small?.within ?? []
  const state = stateFolder(join(small?.root ?? '', inside))
  const port = await freePort()
  const config = join(folder, 'trovestrap.yaml')
  mkdirSync(join(folder, 'tree/trove'), { recursive: true })
  const files: Record<string, string | Buffer> = {
    'tree/trove/__init__.py': '',
    'tree/setup.cfg': '[metadata]\nname = trove\nversion = 18.0.0\n',
    'tree/requirements.txt': '',
    'agent.conf': AGENT_CONF,
    'trove.conf': AGENT_CONF,
    'trovestrap.yaml': JSON.stringify({
      listen: { address: '127.0.0.1', port },
      names: ['127.0.0.1'],
      state: inside,
      source: { path: join(folder, 'tree'), version: '18.0.0' },
      guest_config: { path: join(folder, 'agent.conf'), trove_conf: join(folder, 'trove.conf') },
      lifetimes,
    }),
    ...(ballast > 0 ? { 'tree/ballast': noise(ballast) } : {}),
  }
  for (const [path, content] of Object.entries(files)) writeFileSync(join(folder, path), content)

  let token = ''
  const running = new Set<Served>()
  const command = (verb: readonly string[]): string[] => [...within, TROVESTRAP, '--config', config, ...verb]
  const host: RealHost = {
    folder,
    within,
    state,
    port,
    config,
    get token() {
      return token
    },
    get ca() {
      return readFileSync(state.ca)
    },
    async start() {
      // The kernel ends it however we end.
      const began = performance.now()
      const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...command(['serve'])], { stdio: ['ignore', 'pipe', 'pipe'] })
      let log = ''
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (log = (log + chunk.toString()).slice(-1_000_000)))
      const ended = once(child, 'close').then(([code, signal]) => (signal ?? code) as number | NodeJS.Signals)
      let over = false
      void ended.then(() => (over = true))
      const served: Served = {
        pid: child.pid!,
        startMs: 0,
        startCpuMs: 0,
        ended,
        log: () => log,
        async end(signal) {
          child.kill(signal)
          const how = await ended
          running.delete(served)
          return how
        },
        megabytes: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))![1]) / 1024,
        descriptors: () => readdirSync(`/proc/${child.pid}/fd`).length,
      }
      running.add(served)
      await until('host-server to answer', () => (over ? Promise.reject(new Error(`host-server has ended: ${log}`)) : health(port)), { timeoutMs: HANGS_MS, everyMs: 5 })
      return Object.assign(served, { startMs: performance.now() - began, startCpuMs: cpuMs(child.pid!) })
    },
    async run(...verb) {
      const [program, ...rest] = command(verb)
      const child = spawn(program!, rest, { stdio: ['ignore', 'pipe', 'pipe'] })
      const [out, err, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
      return { status: status as number, output: out + err }
    },
    store(work) {
      if (small) throw new Error('the database of a host with a disk of its own is not seen from outside')
      const store = openStore(state.database, 'test')
      try {
        return work(store)
      } finally {
        store.close()
      }
    },
    enrol: (count) => host.store((store) => Array.from({ length: count }, (_, number) => enrolled(store, number))),
    ask: (path, options = {}) => ask(port, path, { ...(options.agent ? {} : { ca: host.ca }), ...options }),
    async [Symbol.asyncDispose]() {
      await Promise.all([...running].map((served) => served.end('SIGKILL')))
      await small?.gone()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  const { status, output } = await host.run('init', '--json')
  if (status !== 0) {
    await host[Symbol.asyncDispose]()
    throw new Error(`init failed: ${output.replace(/\b[a-z0-9]{6}\.[a-z0-9]{16}\b/g, '[secret]')}`)
  }
  token = (JSON.parse(output) as { token: string }).token
  return host
}

/** Sends reports as a guest does. @param agent knows the CA, and holds the guest's connection */
export function postReports(host: RealHost, { instance, credential }: Guest, reports: readonly unknown[], agent: https.Agent): Promise<Answer> {
  return host.ask(address(ROUTES.reports, instance), {
    agent,
    method: 'POST',
    headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json' },
    body: JSON.stringify(reports),
  })
}

function enrolled(store: Store, number: number): Guest {
  const instance = `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`
  const secret = Secret.random()
  const now = new Date()
  store.instances.enrol({ instance, admitted: 'a test', key: secret.sha256(), address: '127.0.0.1', expires: new Date(now.getTime() + 86_400_000) }, now)
  return { instance, credential: `${instance}.${secret.reveal()}` }
}

/** @throws what the connection says; a host that does not answer in time counts as broken */
function ask(port: number, path: string, { body, ...options }: https.RequestOptions & { body?: string }): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = https.request({ host: '127.0.0.1', port, path, agent: false, ...options }, (response) => {
      buffer(response).then((bytes) => resolve({ status: response.statusCode!, body: bytes }), reject)
    })
    request.setTimeout(HANGS_MS, () => request.destroy(new Error(`no answer in ${HANGS_MS / 1000} s`)))
    request.on('error', reject).end(body)
  })
}

/** User and system time so far. */
function cpuMs(pid: number): number {
  // Behind the name, which may have blanks: utime and stime are fields 14 and 15, in ticks of 10 ms.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}

/** @returns undefined while there is no 200 */
async function health(port: number): Promise<true | undefined> {
  const answer = await ask(port, ROUTES.health, { rejectUnauthorized: false }).catch(() => undefined)
  return answer?.status === 200 ? true : undefined
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** The same for the same length, and nothing that compresses. */
function noise(length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length)
  for (let at = 0, state = 1; at < length; at++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    bytes[at] = state >>> 24
  }
  return bytes
}
