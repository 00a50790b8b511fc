import { duration } from './duration.ts'
import type { Facts } from './facts.ts'
import { instant } from './instant.ts'
import { instanceBegan, saidAt } from './signs.ts'
import { LATE } from './usual.ts'

/** `healthy`: Trove says so. `heard`: its agent is connected, and what Trove makes of it was not looked at. */
export interface Up {
  readonly how: 'healthy' | 'heard'
  readonly text: string
}

/** Seconds. The agent sends a heartbeat a minute; two may be on their way through a busy conductor. */
const FRESH = 150
/** Trove's tasks that end a building in an error (trove/instance/tasks.py). */
const isError = (task: number | undefined): boolean => task !== undefined && task >= 0x50 && task <= 0x5f

/**
 * Whether something shows that an instance is up; undefined where nothing does. Trove's word alone makes it healthy: an agent that is connected
 * may yet fail to prepare its database, or to have its reports read.
 * @param since seconds that the stage at work has taken
 */
export function up(facts: Facts, since: number | undefined): Up | undefined {
  const { healthy, ready, failing, agentConnected, evidence } = facts
  if (agentConnected === false || failing?.stage === 'ready') return undefined
  const { service, instance } = evidence.trove ?? {}
  if (healthy === true && !isError(instance?.task)) {
    const beat = ago(service?.updated, evidence.at)
    const fresh = agentConnected === true || (beat !== undefined && beat <= FRESH)
    return fresh ? { how: 'healthy', text: `is ${late(facts)}healthy${beat === undefined ? '' : `: Trove had its last heartbeat ${duration(beat)} before`}` } : undefined
  }
  if (!ready || evidence.trove !== undefined) return undefined
  const heard = agentConnected === true ? ', its agent is connected' : ", by its daemon's word"
  return { how: 'heard', text: `is ${late(facts)}ready${since === undefined ? '' : ` for ${duration(since)}`}${heard}; what Trove makes of it was not looked at` }
}

/** `late but `, where coming up took longer than it does on a real processor. */
function late(facts: Facts): string {
  const ready = facts.said.find(({ stage, state }) => stage === 'ready' && state !== 'failed')
  const [began, end] = [instanceBegan(facts), ready && saidAt(ready, facts)]
  return began !== undefined && end !== undefined && (end - began) / 1000 > LATE ? `late (${duration((end - began) / 1000)}) but ` : ''
}

function ago(time: string | undefined, now: string): number | undefined {
  const [then, at] = [instant(time), instant(now)]
  return then === undefined || at === undefined ? undefined : Math.max(0, (at - then) / 1000)
}
