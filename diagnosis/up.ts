import { duration } from './duration.ts'
import type { Facts } from './facts.ts'
import { instant } from './instant.ts'
import { instanceBegan, saidAt } from './signs.ts'
import { LATE } from './usual.ts'

/** Seconds. The agent sends a heartbeat a minute; Trove takes the instance for dead after 90 s, a busy conductor writes later. */
const FRESH = 300

/**
 * How an instance that is up is told of; undefined where nothing shows that it is. Trove's own word counts while its heartbeat is fresh or its
 * agent is connected; else the daemon's, which has seen the agent consume its queue.
 */
export function upText(facts: Facts, since: number | undefined): string | undefined {
  const { healthy, ready, failing, agentConnected, evidence } = facts
  const service = evidence.trove?.service
  const beat = ago(service?.updated, evidence.at)
  if (healthy === true && (agentConnected === true || beat === undefined || beat <= FRESH)) {
    return `is ${late(facts)}healthy${beat === undefined ? '' : `: Trove had its last heartbeat ${duration(beat)} before`}`
  }
  if (!ready || failing !== undefined || service !== undefined) return undefined
  if (agentConnected === true) return `is ${late(facts)}healthy: ready${since === undefined ? '' : ` for ${duration(since)}`}, its agent is connected`
  if (agentConnected === undefined && since !== undefined && since <= FRESH) return `is ${late(facts)}healthy: it became ready ${duration(since)} before`
  return undefined
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
