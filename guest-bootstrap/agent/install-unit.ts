import { Fault } from '../../contract/fault.ts'
import { UNITS } from '../../contract/paths.ts'
import type { System } from '../system.ts'
import { openPycache, type AgentStart } from './agent-start.ts'
import { lastWords } from './last-words.ts'
import { DROP_IN, dropIn, ENVIRONMENT, environmentFile } from './unit-files.ts'
import { unitState } from './unit-state.ts'

/** Seconds: an agent that still retries its broker takes sixty to stop. */
const LIMIT = 150

/** Tells systemd how to start the agent; costs next to nothing when it knows already. */
export async function installUnit(system: System, start: AgentStart): Promise<void> {
  const { files } = system
  openPycache(system, start)
  files.write(ENVIRONMENT, environmentFile(start), { mode: 0o644 })
  if (files.text(DROP_IN) === dropIn(start)) return
  files.write(DROP_IN, dropIn(start), { mode: 0o644 })
  try {
    await systemctl(system, ['daemon-reload'])
  } catch (error) {
    files.remove(DROP_IN)
    throw error
  }
}

/** @throws Fault AGENT_START_FAILED with what systemd and the agent's journal say */
export async function systemctl(system: System, args: readonly string[]): Promise<void> {
  const { code, stderr } = await system.run('systemctl', args, { timeout: LIMIT })
  if (code === 0) return
  const { result, status } = await unitState(system)
  const words = await lastWords(system)
  const why = stderr.trim().split('\n')[0] ?? ''
  throw new Fault('AGENT_START_FAILED', { unit: UNITS.agent, result, status, last: words }, `systemctl ${args.join(' ')}: ${why}`)
}
