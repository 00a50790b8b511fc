import { UNITS } from '../../contract/paths.ts'
import type { Proof, Step } from '../cause.ts'
import type { Facts } from '../facts.ts'
import { safeWord } from './safe-word.ts'

/** For images that are not built by us. */
export const OURS: Step = { on: 'image', run: 'trovestrap image build BASE.qcow2 -o OUT.qcow2', say: 'takes the place of this unit by one that waits and tries again' }

/** The unit that runs the agent, as one word of a command. */
export function nameOf(facts: Facts): string {
  const name = facts.agentUnit?.load === 'loaded' ? safeWord(facts.agentUnit.name) : undefined
  return name ?? 'guest-agent.service'
}

export function stateOf(unit: Facts['agentUnit']): Proof[] {
  return unit ? [{ source: 'guest', where: `guest, systemctl show ${unit.name}`, text: `${unit.active}, result ${unit.result}, ${unit.restarts} restarts` }] : []
}

/** Starts it anew, whatever start limit it has run into; ours is started by the daemon. */
export function again(facts: Facts, unit = nameOf(facts)): Step {
  const name = unit === UNITS.agent ? UNITS.guest : (safeWord(unit) ?? nameOf(facts))
  return { on: 'guest', run: `sudo sh -c 'systemctl reset-failed ${name}; systemctl restart ${name}'` }
}
