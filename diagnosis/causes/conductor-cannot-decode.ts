import type { Cause } from '../cause.ts'
import { type Facts, proofOf } from '../facts.ts'
import { conductorSaid } from './conductor-said.ts'
import { servedFinding } from './served-finding.ts'
import { silence } from './silence.ts'

/** What decrypting with the wrong key ends in, by luck of the bytes; ArgumentError is SQLAlchemy 2 under an older Trove. */
const UNREADABLE = /(?:Exception during message handling: |ERROR oslo_messaging\.rpc\.server (?:\[[^\]]*\] )?)[\w.]*(?:JSONDecodeError|UnicodeDecodeError|ValueError|TypeError|ArgumentError|IndexError|binascii\.Error)\b/
const VERSION = /Endpoint does not support RPC version|UnsupportedVersion/

export const conductorCannotDecode: Cause = {
  id: 'J2',
  name: 'conductor-cannot-decode',
  title: "trove-conductor cannot read what the guest reports: it has another key, or stumbles over its own release's code",
  phase: 'report',
  shows: 'the guest has prepared, the queue of trove-conductor is drained, and the status stays "new"; trove-conductor logs JSONDecodeError, UnicodeDecodeError or ArgumentError',
  needs: ['trove_logs', 'trove', 'broker', 'guest'],
  symptomOf: ['F5', 'I8', 'J1', 'J5', 'J6'],
  mend: 'inst_rpc_key_encr_key in trove.conf as it was when the instance was made; systemctl restart trove-conductor',
  find(facts) {
    const quiet = silence(facts)
    if (quiet === undefined || quiet.prepared === false || servedFinding(facts, 'control_exchange')) return unread(facts)
    const line = conductorSaid(facts, UNREADABLE, facts.evidence.instance)
    if (line === undefined) {
      const wants = [...(quiet.prepared === undefined ? (['guest'] as const) : []), ...(facts.saw('trove_logs') ? [] : (['trove_logs'] as const))]
      return { undecided: 'nothing that the agent may have sent has reached Trove: trove-conductor may not be able to read it', wants: wants.length > 0 ? wants : ['trove_logs'], proof: quiet.proof }
    }
    const argument = /ArgumentError/.test(line.text)
    return {
      what: argument ? "trove-conductor stumbles over the guest's report: its SQLAlchemy is too new for it" : "trove-conductor cannot decrypt what the guest reports: it has another key than the one the instance was made with",
      proof: [line, ...quiet.proof],
      mend: argument
        ? [{ on: 'host', say: 'install a SQLAlchemy that this Trove knows, or a newer Trove' }, { on: 'host', run: 'systemctl restart trove-conductor' }]
        : [{ on: 'host', say: `give trove-conductor the inst_rpc_key_encr_key of trove-api and trove-taskmanager (${facts.evidence.machine?.trove_conf?.file.path ?? 'trove.conf'})` }, { on: 'host', run: 'systemctl restart trove-conductor' }],
    }
  },
}

/** The line alone may be of another instance. */
function unread(facts: Facts): ReturnType<Cause['find']> {
  if (facts.agentConnected !== true || facts.saw('trove') || facts.healthy === true) return undefined
  const line = conductorSaid(facts, UNREADABLE)
  return line && { undecided: 'trove-conductor cannot read what some guest reports; whether it is this one only its status tells', wants: ['trove'], proof: [line] }
}

/** Leaves no line anywhere but this one; without it, it is what is left when everything else was looked at. */
export const releasesDiffer: Cause = {
  id: 'J3',
  name: 'releases-differ',
  title: 'agent and trove-conductor are of releases that do not understand each other',
  phase: 'report',
  shows: 'as conductor-cannot-decode; trove-conductor may log "Endpoint does not support RPC version"',
  needs: ['trove_logs', 'guest', 'trove', 'broker'],
  symptomOf: ['F5', 'J1', 'J2', 'J5', 'J6'],
  mend: "serve the tree of the control plane's own release",
  find(facts) {
    const quiet = silence(facts)
    if (quiet === undefined || quiet.prepared === false) return undefined
    const line = conductorSaid(facts, VERSION, facts.evidence.instance)
    const tree = facts.evidence.machine?.host_server.source
    if (line) return { what: 'trove-conductor does not know the version with which the agent reports', proof: [line, ...quiet.proof], mend: [{ on: 'host', say: `serve the tree of the control plane's release${tree === undefined ? '' : ` from ${tree}`}` }] }
    if (quiet.prepared !== true || !facts.saw('trove_logs') || conductorSaid(facts, /Exception during message handling/, facts.evidence.instance)) return undefined
    const cast = facts.line(/Successfully cast set_status|Current database status is/, 'agent')
    return { undecided: 'the agent reports, trove-conductor listens and logs nothing: their releases may differ', wants: ['guest', 'trove_logs'], proof: [...(cast ? [proofOf(cast)] : []), ...quiet.proof] }
  },
}
