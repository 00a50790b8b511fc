import type { Cause } from '../cause.ts'
import { agentSaid } from './agent-said.ts'

const LINE = /Manager class not registered for datastore manager (\S+)/

export const datastoreManager: Cause = {
  id: 'F2',
  name: 'datastore-manager-unknown',
  title: 'the agent has no manager for the datastore that it is told to run',
  phase: 'start-agent',
  shows: 'the agent ends with "Manager class not registered for datastore manager X"',
  needs: ['console', 'record', 'guest'],
  symptomOf: ['B2', 'B3', 'D1', 'D11', 'F1', 'N7'],
  mend: 'give the datastore version a manager that this Trove has: trove-manage datastore_version_update',
  find(facts) {
    const proof = agentSaid(facts, LINE)
    if (proof === undefined) return undefined
    const manager = LINE.exec(proof.text)![1]!
    // The agent was told nothing at all: that is how a guest_info looks that was not injected, or not read.
    if (manager === 'None') {
      const set = facts.option('DEFAULT', 'guest_id')
      if (set === undefined) return { undecided: 'the agent was told no datastore_manager: whether guest_info was injected at all the guest and this host tell', wants: ['guest', 'machine'], proof: [proof] }
    }
    const { datastore, datastore_version: version } = facts.evidence.trove?.instance ?? {}
    const of = datastore === undefined ? 'the datastore version' : `${datastore} ${version ?? ''}`.trim()
    return {
      what: manager === 'None' ? 'the agent is told no datastore_manager' : `this Trove has no manager ${JSON.stringify(manager)}`,
      proof: [proof],
      mend: [
        { on: 'host', say: `give ${of} a manager that this Trove has (mysql, mariadb, postgresql): trove-manage datastore_version_update DATASTORE VERSION MANAGER IMAGE "" 1` },
        { on: 'cloud', say: 'create the instance anew: datastore_manager is injected when it is made' },
      ],
    }
  },
}
