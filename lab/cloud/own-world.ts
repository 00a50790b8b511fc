import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cacheRoot } from '../cache.ts'
import { asRoot } from '../run.ts'

/** Of the process that is first in a process namespace, and takes leave of whoever ends there. */
const INIT = 'tini'

/**
 * Runs this very process again, in network, mount and process namespaces of its own, and ends with it; inside of them it returns at once.
 * The cloud's bridges, fixed ports and mounts are seen by nobody else there, and all that runs ends with the first process, also by kill -9.
 * There is no network to the outside: what the cache lacks has to be brought before.
 *
 * Root is needed: others are asked by sudo.
 */
export function enterOwnWorld(): void {
  if (insideOwnWorld()) return
  const namespaces = ['unshare', '--net', '--mount', '--propagation', 'slave', '--pid', '--fork', '--kill-child=KILL', '--mount-proc', '--']
  const command = ['setpriv', '--pdeathsig', 'KILL', '--', ...asRoot(['env', `TROVESTRAP_CACHE=${cacheRoot()}`, ...namespaces, INIT, '--', process.execPath, ...process.execArgv, ...process.argv.slice(1)])]
  const { status, signal, error } = spawnSync(command[0]!, command.slice(1), { stdio: 'inherit' })
  if (error) throw error
  if (signal !== null) process.kill(process.pid, signal)
  process.exit(status ?? 1)
}

/** Whether nothing that is done to the network or to mounts can be seen by the machine. */
export function insideOwnWorld(): boolean {
  return readFileSync('/proc/1/comm', 'utf8').trim() === INIT
}
