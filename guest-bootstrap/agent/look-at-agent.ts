import { Fault } from '../../contract/fault.ts'
import { UNITS } from '../../contract/paths.ts'
import { firstReachable } from '../amqp/first-reachable.ts'
import type { Event } from '../engine.ts'
import { forget, MEMORY, recall, remember } from '../memory.ts'
import { messagingOf } from '../stages/reach-rabbitmq.ts'
import type { System } from '../system.ts'
import { howItEnded } from './how-it-ended.ts'
import { isWorthTelling } from './worth-telling.ts'
import { unitState, type UnitState } from './unit-state.ts'

/** Seconds for which an agent has to run until it counts as up again, if it is heard. */
const STEADY = 50
/** Seconds for RabbitMQ's answer. */
const HEARING = 3

export interface Look {
  readonly event?: Event
  /** Nothing is left to look for. */
  readonly settled: boolean
}

/** What is news of an agent that was heard once: that it has ended, or that it is heard again. One that was stopped on purpose is none. */
export async function lookAtAgent(system: System): Promise<Look> {
  const { files } = system
  const heard = recall(files, MEMORY.heard)
  if (!heard) return { settled: true }
  const state = await stateAfterStop(system)
  const told = recall(files, MEMORY.told)
  // systemd counts a restart when it happens; its count begins anew when somebody starts the unit by hand.
  const ends = state.restarts + (state.sub.startsWith('auto-restart') ? 1 : 0)
  const before = told?.ends ?? heard.restarts
  const since = ends < before ? ends : ends - before
  if (since > 0) return ended(system, state, { ends, since })
  if (state.active !== 'active' && state.active !== 'activating') {
    forget(files, MEMORY.told)
    remember(files, MEMORY.heard, { restarts: ends })
    return { settled: true }
  }
  return told ? again(system, state, ends) : { settled: true }
}

async function ended(system: System, state: UnitState, { ends, since }: { ends: number; since: number }): Promise<Look> {
  const end = await howItEnded(system, state)
  const told = recall(system.files, MEMORY.told)
  const failures = (told?.failures ?? 0) + since
  const { worth, said } = isWorthTelling(told?.said ?? [], `${end.details['result'] ?? ''} ${end.words}`, system.clock.uptime())
  remember(system.files, MEMORY.told, { ends, failures, said })
  if (!worth) return { settled: false }
  const fault = new Fault('AGENT_FAILED', { ...end.details, lines: end.lines }, end.words)
  return { settled: false, event: { stage: 'ready', state: 'failed', attempt: failures, fault } }
}

async function again(system: System, { active, activeSince }: UnitState, ends: number): Promise<Look> {
  const { files, clock } = system
  const seconds = Math.round(clock.uptime() - activeSince)
  if (active !== 'active' || seconds < STEADY || !(await isHeard(system))) return { settled: false }
  const failures = recall(files, MEMORY.told)?.failures ?? 0
  remember(files, MEMORY.heard, { restarts: ends })
  forget(files, MEMORY.told)
  const note = `${UNITS.agent} is heard again and runs since ${seconds} s; it had ended ${failures === 1 ? 'once' : `${failures} times`}`
  return { settled: true, event: { stage: 'ready', state: 'done', attempt: 1, note } }
}

/** While its last commands run, a unit is on its way out: what it comes to is known a moment later. */
async function stateAfterStop(system: System): Promise<UnitState> {
  for (let look = 0; ; look++) {
    const state = await unitState(system)
    if (state.active !== 'deactivating' || look === 3) return state
    await system.clock.sleep(0.5)
  }
}

/** As `confirm` sees it: the agent's queue has a consumer. */
async function isHeard(system: System): Promise<boolean> {
  const asked = async (): Promise<boolean> => {
    const messaging = messagingOf(system)
    const { value } = await firstReachable(system, messaging, (session) => session.consumers(messaging.queue))
    return (value ?? 0) > 0
  }
  try {
    return await Promise.race([asked(), system.clock.sleep(HEARING).then(() => false)])
  } catch (error) {
    if (error instanceof Fault) return false
    throw error
  }
}
