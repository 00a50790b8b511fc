import type { Cause } from '../cause.ts'
import { GUEST } from '../../contract/paths.ts'
import { agentSaid } from './agent-said.ts'
import { saidProof, waitsIn } from './daemon-fault.ts'

const [GUEST_INFO] = GUEST.guestInfo

/** The file is there for somebody (else it is B2, B3, N7), but not for the agent. */
export const guestIdMissing: Cause = {
  id: 'F1',
  name: 'guest-id-missing',
  title: 'the agent reads no guest_id',
  phase: 'configure',
  shows: 'the agent ends with "The guest_id parameter is not set"; configure fails with CONFIG_INVALID and "guest_id nowhere"',
  needs: ['console', 'record', 'guest'],
  symptomOf: ['B2', 'B3', 'B4', 'D1', 'D11', 'N7'],
  mend: `have guest_id in ${GUEST_INFO}, and the agent started with --config-dir=${GUEST.confDir}`,
  find(facts) {
    const said = waitsIn(facts, 'CONFIG_INVALID')
    const nowhere = said !== undefined && /would read guest_id nowhere/.test(said.message ?? '') ? saidProof(said) : undefined
    const proof = nowhere ?? agentSaid(facts, /The guest_id parameter is not set/)
    if (proof === undefined) return undefined
    const there = facts.file(GUEST_INFO)?.exists
    return {
      what: there === true ? `${GUEST_INFO} is there, but the agent reads no guest_id from it` : 'the agent is told no guest_id',
      proof: [proof],
      mend: [
        there === true ? { on: 'guest', run: `sudo grep -n guest_id ${GUEST_INFO}` } : { on: 'guest', run: 'sudo cloud-init query userdata' },
        { on: 'guest', say: `guest_id = ${facts.evidence.instance} belongs under [DEFAULT] of ${GUEST_INFO}, and --config-dir=${GUEST.confDir} into the agent's command line` },
      ],
    }
  },
}
