import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { cacheRoot } from '../cache.ts'
import { asRoot } from '../run.ts'

/** Of the process that is first in a process namespace, and takes leave of whoever ends there. */
const INIT = 'tini'
/** Names the cloud's folder, inside. */
const FOLDER = 'TROVESTRAP_CLOUD_FOLDER'

/** Bytes. */
const LARGEST_LOG = 32 * 2 ** 20

const BRING = join(import.meta.dirname, 'bring.ts')

/**
 * Runs this very process again, in network, mount and process namespaces of its own, and ends with it; inside of them it returns at once.
 * The cloud's bridges, fixed ports and mounts are seen by nobody else there, and all that runs ends with the first process, also by kill -9.
 * There is no network to the outside: what the cache lacks is brought before.
 *
 * Root is needed: others are asked by sudo.
 * @returns a folder for the cloud, which is gone with it unless something failed
 */
export function enterOwnWorld(): string {
  if (insideOwnWorld()) return process.env[FOLDER]!
  const brought = spawnSync(process.execPath, [BRING], { stdio: ['ignore', 2, 2] })
  if (brought.status !== 0) process.exit(1)
  const folder = mkdtempSync(join(cacheRoot(), 'cloud-'))
  const again = inOwnWorld([process.execPath, ...process.execArgv, ...process.argv.slice(1)], handedOn(folder))
  const [program, ...args] = alone(again)
  const { status, signal, error } = spawnSync(program!, args, { stdio: 'inherit' })
  if (status === 0) rmSync(folder, { recursive: true, force: true })
  else keepLogs(folder)
  if (error) throw error
  if (signal !== null) process.kill(process.pid, signal)
  process.exit(status ?? 1)
}

/** A cloud takes both processors and 4 GB of memory: a second one would have all its services run into their time limits. */
function alone(command: readonly string[]): string[] {
  const lock = join(cacheRoot(), 'cloud.lock')
  const free = spawnSync('flock', ['--nonblock', lock, 'true']).status === 0
  if (!free) process.stderr.write('another cloud runs on this machine; this one begins when it has ended\n')
  return ['setpriv', '--pdeathsig', 'KILL', '--', 'flock', '--no-fork', lock, ...command]
}

/** What else is in the folder are images and disks, gigabytes of them. */
function keepLogs(folder: string): void {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  for (const { parentPath, name } of files) {
    const file = join(parentPath, name)
    if (statSync(file).size > LARGEST_LOG) rmSync(file)
  }
  process.stderr.write(`the cloud's logs are kept: ${folder}\n`)
}

/** A command in a world of its own: all that it starts ends with it, and it ends when its parent does. @param env added to the environment: `NAME=value` */
export function inOwnWorld(command: readonly string[], env: readonly string[] = []): string[] {
  const namespaces = ['unshare', '--net', '--mount', '--propagation', 'slave', '--pid', '--fork', '--kill-child=KILL', '--mount-proc', '--']
  return ['setpriv', '--pdeathsig', 'KILL', '--', ...asRoot(['env', ...env, ...namespaces, INIT, '--', ...command])]
}

/** What sudo would drop: where the cache is, and how a test is to speak. */
function handedOn(folder: string): string[] {
  const tap = Object.entries(process.env).filter(([name]) => name.startsWith('TAP'))
  return [...tap, ['TROVESTRAP_CACHE', cacheRoot()], [FOLDER, folder]].map(([name, value]) => `${name}=${value}`)
}

/** Whether nothing that is done to the network or to mounts can be seen by the machine. */
export function insideOwnWorld(): boolean {
  return process.env[FOLDER] !== undefined && readFileSync('/proc/1/comm', 'utf8').trim() === INIT
}
