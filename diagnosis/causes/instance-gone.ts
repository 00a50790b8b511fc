import type { Cause } from '../cause.ts'
import { safeWord } from './safe-word.ts'
import type { Facts } from '../facts.ts'
import { conductorSaid } from './conductor-said.ts'

const NOT_FOUND = /(?:DBInstance|InstanceServiceStatus) Not Found|Instance .*could not be found|ModelNotFoundError/

export const instanceGone: Cause = {
  id: 'J5',
  name: 'instance-row-gone',
  title: "Trove's database has no such instance (any more), but its guest runs",
  phase: 'report',
  shows: 'trove-conductor logs "DBInstance Not Found"; the guest finds everything well',
  needs: ['trove', 'trove_logs'],
  mend: 'delete the orphaned server; or point trove.conf to the database that has the instance',
  find(facts) {
    const { trove, instance, nova } = facts.evidence
    const line = conductorSaid(facts, NOT_FOUND)
    const gone = trove !== undefined && (trove.instance === undefined || trove.instance.deleted === true)
    if (!gone) {
      if (line === undefined || trove !== undefined || facts.agentConnected !== true) return undefined
      return { undecided: 'trove-conductor finds no row for some guest that reports; whether it is this one the database tells', wants: ['trove'], proof: [line] }
    }
    if (!exists(facts)) return undefined
    // What a user may not see the API calls absent too.
    if (trove.from === 'api' && line === undefined && trove.instance === undefined) return { undecided: "Trove's API knows no such instance; the database would tell whether it is gone or another project's", wants: ['trove', 'trove_logs'] }
    const server = safeWord(nova?.server?.id)
    return {
      what: trove.instance === undefined ? "the guest runs, but Trove's database has no such instance" : "the guest runs, but its instance is deleted in Trove's database",
      proof: [{ source: 'trove', where: 'instances', text: trove.instance === undefined ? `no row for ${instance}` : `${instance}: deleted` }, ...(line ? [line] : [])],
      mend: [
        server === undefined ? { on: 'cloud', say: 'delete the orphaned server: openstack server delete' } : { on: 'cloud', run: `openstack server delete ${server}` },
        { on: 'host', say: "or, where another database has it: correct [database] connection in trove.conf and restart the Trove services" },
        { on: 'host', run: `trovestrap forget ${instance}` },
      ],
    }
  },
}

/** Whether there is a guest at all, or only a wrong id. */
const exists = ({ said, evidence, agentConnected }: Facts): boolean => said.length > 0 || agentConnected === true || evidence.record?.view !== undefined || evidence.guest !== undefined
