import { agentConfig } from '../agent-config.ts'
import { MEMORY, recall, remember } from '../memory.ts'
import type { System } from '../system.ts'
import { agentEnvironment, agentStart } from './agent-start.ts'
import { installUnit } from './install-unit.ts'

/** Seconds. Cold and under emulation, Trove's imports take most of a minute. */
const LIMIT = 300

/**
 * Does, as the agent's user and for nothing, what an agent spends most of its start on: its imports, and waking the container engine. Compiled
 * modules and the files in the kernel's cache stay, so that the agent is there sooner once it may start.
 */
export async function warmUp(system: System, signal: AbortSignal): Promise<void> {
  const start = agentStart(system)
  const name = `${start.tree} ${start.python}`
  if (recall(system.files, MEMORY.warmed)?.start === name) return
  remember(system.files, MEMORY.warmed, { start: name })
  await installUnit(system, start)
  const manager = agentConfig(system.files).get('DEFAULT', 'datastore_manager') ?? ''
  const program = [
    'import trove.cmd.guest, importlib',
    `importlib.import_module('trove.guestagent.datastore.${FOLDERS[manager] ?? 'mysql'}.manager')`,
    // Asked for its version, a container engine behind a socket unit starts.
    'import docker; docker.from_env().version()',
  ].join('\n')
  const { uid, gid } = start.user
  // setpriv becomes the program, where runuser would stand above it and be killed in its place.
  const asAgent = [`--reuid=${uid}`, `--regid=${gid}`, '--init-groups', '--', start.python, '-c', program]
  await system.run('setpriv', asAgent, { env: agentEnvironment(start), timeout: LIMIT, signal })
}

/** Where a datastore's manager lies, of those that trove.guestagent.dbaas knows. */
const FOLDERS: Readonly<Record<string, string>> = { mysql: 'mysql', mariadb: 'mariadb', postgresql: 'postgres' }
