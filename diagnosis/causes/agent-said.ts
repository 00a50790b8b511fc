import type { Proof } from '../cause.ts'
import { type Facts, proofOf } from '../facts.ts'

/**
 * The agent's own line that matches: what the daemon passed on of it (`details.last` of AGENT_EXITED, AGENT_NOT_HEARD, AGENT_FAILED: there
 * without SSH), else the newest in its journal and log. Nothing once the agent is connected: a line that was overcome proves nothing.
 */
export function agentSaid(facts: Facts, pattern: RegExp): Proof | undefined {
  const { failing } = facts
  const last = failing?.details['last']
  if (failing && last !== undefined && pattern.test(last)) return { ...failing.proof, text: last.slice(0, 400) }
  if (facts.agentConnected === true) return undefined
  const line = facts.line(pattern, 'agent')
  return line && proofOf(line)
}
