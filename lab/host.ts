import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { OperatorClient } from '../cli/operator-client.ts'
import { operatorAccess } from '../cli/operator-access.ts'
import { startDaemon, whileRunning, type Daemon } from './daemon.ts'
import { freePorts } from './free-ports.ts'
import { run } from './run.ts'
import type { Tell } from './tell.ts'
import { until } from './until.ts'

const TROVESTRAP = new URL('../bin/trovestrap', import.meta.url).pathname
/** The host as a guest behind QEMU's user networking sees it. */
const HOST_FOR_GUESTS = '10.0.2.2'
const START_MS = 60_000

export interface HostOptions {
  readonly dir: string
  /** As an operator of Trove has them. */
  readonly files: { readonly troveConf: string; readonly guestAgentConf: string }
  /** A Trove checkout of any shape. */
  readonly source: string
  readonly wheels: string
  /** `serve --follow` */
  readonly follow?: boolean
  /** Where guests reach it, when not by QEMU's user networking: it listens on every address then, at its usual port. */
  readonly address?: string
  /** The cloud that attests its guests; without one everybody is let in. */
  readonly openstack?: { readonly cloud: string; readonly clouds_file: string }
  /** For our verbs; the lab's own unless given. */
  readonly env?: NodeJS.ProcessEnv
  readonly tell: Tell
}

/** host-server as an operator runs it: `trovestrap init`, `trovestrap serve`, a process of its own. */
export interface Host extends AsyncDisposable {
  readonly configFile: string
  /** What it hands out at its start, and its wheels. */
  readonly source: string
  readonly wheels: string
  readonly state: string
  /** For guests. */
  readonly url: string
  readonly client: OperatorClient
  /** The server's log, one JSON object a line. */
  readonly log: string
  /** Of the server's process. */
  pid(): number
  /** Revision that is handed out now. */
  revision(): Promise<string>
  /** Changes `source.path` and has it read again; returns when the new revision is served. */
  serveSource(path: string): Promise<void>
  /** Reads everything again, as at a SIGHUP. */
  reload(): void
  /** One verb, as typed, with the lab's environment or that of the options. @param input what it reads from standard input @returns stdout */
  trovestrap(args: readonly string[], input?: string): Promise<string>
  stop(): Promise<void>
  /** @param how `follow` as in HostOptions, from now on */
  start(how?: { readonly follow: boolean }): Promise<void>
}

export async function startHost(options: HostOptions): Promise<Host> {
  await mkdir(options.dir, { recursive: true })
  const { address = HOST_FOR_GUESTS, openstack, env = process.env } = options
  const listen = options.address === undefined ? { address: '127.0.0.1', port: (await freePorts(1))[0]! } : { address: '0.0.0.0', port: 15555 }
  const configFile = join(options.dir, 'trovestrap.yaml')
  const log = join(options.dir, 'serve.log')
  const settings = {
    listen,
    names: [address],
    state: join(options.dir, 'state'),
    source: { path: options.source },
    guest_config: { path: options.files.guestAgentConf, trove_conf: options.files.troveConf },
    python: { wheels: options.wheels, requirements: ['passlib>=1.7.4'] },
    ...(openstack === undefined ? {} : { openstack }),
  }
  await writeFile(configFile, stringify(settings), { mode: 0o600 })
  const trovestrap = (args: readonly string[], input = '') => run([TROVESTRAP, '--config', configFile, ...args], { input, env })
  options.tell('keys, certificate, first token')
  await trovestrap(['init'])
  // Without a Nova nobody can attest the lab's guests, and nobody else is on its network.
  if (openstack === undefined) await trovestrap(['approve', '--open', '7d'])
  const client = new OperatorClient(operatorAccess(configFile))
  let daemon: Daemon | undefined

  const start = async ({ follow = options.follow ?? false } = {}): Promise<void> => {
    options.tell('snapshot of the source')
    daemon = await startDaemon({ name: 'trovestrap serve', command: [TROVESTRAP, '--config', configFile, 'serve', ...(follow ? ['--follow'] : [])], env, log })
    await whileRunning(daemon, until('an answer from host-server', () => client.health().catch(() => undefined), { timeoutMs: START_MS }))
  }
  await start()

  return {
    configFile,
    source: options.source,
    wheels: options.wheels,
    state: settings.state,
    url: `https://${address}:${listen.port}`,
    client,
    log,
    trovestrap,
    pid: () => daemon!.pid,
    revision: async () => (await client.health()).revision,
    async serveSource(path) {
      const before = (await client.health()).revision
      const settings = (await readFile(configFile, 'utf8')).replace(/^( {2}path: ).*/m, `$1${path}`)
      await writeFile(configFile, settings, { mode: 0o600 })
      process.kill(daemon!.pid, 'SIGHUP')
      const changed = async () => ((await client.health()).revision === before ? undefined : true)
      await until(`another revision than ${before} from host-server (its log: ${log})`, changed, { timeoutMs: START_MS })
    },
    reload: () => void (daemon?.running && process.kill(daemon.pid, 'SIGHUP')),
    start,
    stop: async () => daemon?.stop(),
    [Symbol.asyncDispose]: async () => daemon?.stop(),
  }
}
