import type { Cause, Step } from '../cause.ts'
import type { Facts } from '../facts.ts'
import { GUEST } from '../../contract/paths.ts'
import { agentSaid } from './agent-said.ts'
import { saidProof, waitsIn } from './daemon-fault.ts'
import { agentRestart } from './amqp-target.ts'
import { editForGuests, setAside } from './edit-guest-config.ts'
import { serveSaid } from './served-finding.ts'

const AGENT = /ConfigFileParseError|Section must be started before assignment|ConfigDirNotFoundError|ConfigFilesNotFoundError|ConfigFilesPermissionDeniedError|TemplateSubstitutionError|ConfigFileValueError/
const SERVE = /:\d+: expected|Permission denied|EACCES/

export const configUnreadable: Cause = {
  id: 'F6',
  name: 'config-unreadable',
  title: "a file of the agent's configuration cannot be read",
  phase: 'configure',
  shows: 'configure fails with CONFIG_INVALID, identify with GUEST_INFO_INVALID; the agent ends with ConfigFileParseError, ConfigDirNotFoundError or …PermissionDeniedError',
  needs: ['console', 'record', 'guest', 'machine'],
  symptomOf: ['B2', 'B3'],
  mend: 'correct the line that is named, or put the file aside',
  find(facts) {
    const served = serveSaid(facts, SERVE)
    if (served) return { what: `the configuration for guests cannot be read: ${served.text.slice(0, 300)}`, proof: [served], mend: editForGuests(facts, 'correct the line that is named') }
    const said = waitsIn(facts, 'CONFIG_INVALID', 'GUEST_INFO_INVALID')
    // The folder instead of a file: what is wrong is the guest_id in it (F1, F9).
    if (said && said.details['path'] !== GUEST.confDir) {
      const path = said.details['path'] ?? GUEST.confDir
      return { what: `${path} cannot be read: ${(said.message ?? '').slice(0, 300)}`, proof: [saidProof(said)], mend: correct(facts, path) }
    }
    const agent = said ? undefined : agentSaid(facts, AGENT)
    if (agent === undefined) return undefined
    const path = facts.evidence.guest?.config_faults[0]?.file ?? /Failed to parse (\S+?):? /.exec(agent.text)?.[1]
    return { what: `the agent cannot read ${path ?? 'its configuration'}`, proof: [agent], mend: [...correct(facts, path), { on: 'guest', run: agentRestart(facts) }] }
  },
}

function correct(facts: Facts, path: string | undefined): Step[] {
  if (path === GUEST.servedConfig) return editForGuests(facts, 'correct the line that is named')
  if (path === undefined) return [{ on: 'guest', run: `sudo ls -l ${GUEST.confDir}` }, { on: 'guest', say: 'correct the line that is named, or let the user of the agent read the file' }]
  // Without guest_info there is no guest_id: it is corrected, not put aside.
  if ((GUEST.guestInfo as readonly string[]).includes(path)) return [{ on: 'guest', say: `correct the line that is named in ${path}` }]
  return [{ on: 'guest', say: `correct the line that is named in ${path}, or:` }, setAside(path)]
}
