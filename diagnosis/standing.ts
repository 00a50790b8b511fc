import { FAULTS, type FaultCode } from '../contract/fault.ts'
import { STAGES, STATES } from '../contract/report.ts'
import type { Standing, Standpoint } from './diagnosis.ts'
import { duration } from './duration.ts'
import type { Facts } from './facts.ts'
import { instant } from './instant.ts'
import { instanceBegan, lastSign, stageBegan } from './signs.ts'
import { up } from './up.ts'
import { slowUpTo, USUAL } from './usual.ts'

/** `up`: healthy by Trove's own word. `on-its-way`: within the time that its stage takes while all is well. */
export type Progress = 'up' | 'on-its-way' | 'stuck'

const SHOW_LIFE = ['record', 'broker', 'console', 'guest', 'trove'] as const

/** Seconds that may lie between what two collectors of one run saw: RabbitMQ a moment before the agent was there, the guest a moment after. */
const SKEW = 10

/** A fault that passes by itself is none before it has come this often: things start beside each other. */
const PATIENCE = 2

/** Where an instance stands, since when, and whether that is as it should be. Says nothing of reasons. */
export function standing(facts: Facts): Standing & { progress: Progress } {
  const { current } = facts
  const point = standpoint(facts)
  const since = secondsSince(began(facts, point), facts)
  const sign = lastSign(facts)
  const shown = up(facts, since)
  const progress: Progress = shown?.how === 'healthy' ? 'up' : onItsWay(facts, point, since) ? 'on-its-way' : 'stuck'
  return {
    ...(point === 'boot' && sign === undefined ? {} : { stage: point }),
    ...(current === undefined || point === 'prepare' || !STATES.includes(current.state) ? {} : { state: current.state }),
    ...(since === undefined ? {} : { since_seconds: since }),
    text: shown?.text ?? text(facts, point, since, progress),
    ...(sign === undefined ? {} : { last_sign: sign }),
    progress,
  }
}

/** The stage that is at work now: behind a stage that is done, the next. */
function standpoint({ current, agentConnected, agentUnit, ready }: Facts): Standpoint {
  // A console is anybody's: a word that is no stage says nothing.
  if (current === undefined || !STAGES.includes(current.stage)) return agentConnected === true ? 'prepare' : agentUnit !== undefined && agentUnit.active !== 'inactive' ? 'confirm' : 'boot'
  if (ready) return 'prepare'
  return current.state === 'done' ? (STAGES[STAGES.indexOf(current.stage) + 1] ?? current.stage) : current.stage
}

/** Ms of the host's clock; undefined where no source of it has a time. */
function began(facts: Facts, point: Standpoint): number | undefined {
  if (point === 'boot') return instanceBegan(facts)
  if (facts.current === undefined) return undefined
  return stageBegan(facts)
}

function onItsWay(facts: Facts, point: Standpoint, since: number | undefined): boolean {
  const { failing, evidence, agentConnected } = facts
  if (point === 'prepare' && agentConnected === false && (since === undefined || since > SKEW)) return false
  if (evidence.trove?.fault !== undefined || /fail|error|shutdown|crash|delet/i.test(evidence.trove?.service?.text ?? '')) return false
  if (failing !== undefined && !(passes(failing.code) && failing.attempt <= PATIENCE)) return false
  if (since !== undefined) return since <= USUAL[point].slow
  const age = secondsSince(instanceBegan(facts), facts) // a stage began after its instance did
  return age !== undefined && age <= slowUpTo(point)
}

function secondsSince(then: number | undefined, { evidence }: Facts): number | undefined {
  const now = instant(evidence.at)
  return now === undefined || then === undefined ? undefined : Math.max(0, Math.round((now - then) / 1000))
}

function passes(code: string | undefined): boolean {
  return code !== undefined && code in FAULTS && FAULTS[code as FaultCode].kind === 'passing'
}

function text(facts: Facts, point: Standpoint, since: number | undefined, progress: Progress): string {
  if (!SHOW_LIFE.some((source) => facts.saw(source))) return 'could be looked at nowhere that shows whether it lives'
  const long = since === undefined ? '' : ` for ${duration(since)}`
  if (point === 'boot') return bootText(facts, since, long)
  const doing = point === 'prepare' ? (facts.agentConnected === false && progress === 'stuck' ? 'was ready, but its agent is not connected' : 'prepares its database') : facts.failing ? `waits in ${point}` : `is in ${point}`
  const { quick, slow } = USUAL[point]
  if (since === undefined) return facts.failing ? doing : `${doing}; since when cannot be told from what was seen`
  if (progress === 'on-its-way' && since > quick) return `${doing}${long}: simply slow, up to ${duration(slow)} is usual under software emulation`
  return progress === 'stuck' && since > slow && !facts.failing ? `${doing}${long}; more than ${duration(slow)} is not usual` : `${doing}${long}`
}

function bootText(facts: Facts, since: number | undefined, long: string): string {
  if (facts.saw('console') || facts.saw('guest')) return `boots${long}, and has said nothing yet`
  if (since === undefined) return 'has given no sign of life'
  return since <= USUAL.boot.slow ? `was made ${duration(since)} ago and has given no sign of life yet` : `has given no sign of life in the ${duration(since)} since it was made`
}
