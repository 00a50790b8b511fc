import type { Proof, Step, Suspected } from '../cause.ts'
import { type Facts, proofOf } from '../facts.ts'
import { prepareBegan } from './silence.ts'

/** Beginnings of the same pull's errors that belong to the login in the agent's start (H5). */
const LOGIN = /login|\/auth\b/i

/** The line of a prepare that failed: in the agent's log, or in instance_faults, where the agent's traceback ends up. */
export function prepareSaid(facts: Facts, pattern: RegExp): Proof | undefined {
  if (facts.healthy === true) return undefined
  const began = facts.agentConnected !== false && prepareBegan(facts)
  const line = facts.lines(...(began ? (['agent', 'trove-fault'] as const) : (['trove-fault'] as const))).findLast(({ text }) => pattern.test(text) && !LOGIN.test(text))
  return line && proofOf(line)
}

/** Trove calls the prepare failed, and no line that was seen says by what. */
export function prepareFailed(facts: Facts): Proof | undefined {
  const { trove } = facts.evidence
  const text = trove?.service?.text ?? ''
  if (/failed to spawn|^failed$/i.test(text)) return { source: 'trove', where: 'service_statuses', text: `status ${text}` }
  const fault = facts.line(/status: failed to spawn|Failed to start \w+$/, 'trove-fault')
  return fault && proofOf(fault)
}

/** Whether the agent's whole traceback is in instance_faults: what it does not name has not been. */
export function tracebackSeen({ evidence }: Facts): boolean {
  return /Traceback/.test(evidence.trove?.fault?.details ?? '')
}

/** What every failed prepare may be, as long as nobody has read the agent's log. */
export function mayBe(facts: Facts, what: string): Suspected | undefined {
  if (facts.saw('guest') || tracebackSeen(facts)) return undefined
  const proof = prepareFailed(facts)
  return proof && { undecided: `prepare has failed in the guest: ${what}`, wants: ['guest'], proof: [proof] }
}

/** prepare runs once: what failed stays failed. */
export function createAnew({ evidence }: Facts): Step[] {
  return [
    { on: 'cloud', run: `openstack database instance force delete ${evidence.instance}` },
    { on: 'cloud', say: 'and create it anew: prepare runs once' },
  ]
}
