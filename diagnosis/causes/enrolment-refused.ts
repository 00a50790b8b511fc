import type { Cause, Found, Proof, Step } from '../cause.ts'
import { type Facts, proofOf } from '../facts.ts'
import { instant } from '../instant.ts'
import { saidProof, waitsIn } from './daemon-fault.ts'
import { hostCommand } from './host-command.ts'
import { isHeard } from './is-heard.ts'

const CODES = ['TOKEN_MISSING', 'TOKEN_REFUSED', 'INSTANCE_TAKEN', 'CREDENTIAL_REFUSED'] as const

/** D3 */
export const enrolmentRefused: Cause = {
  id: 'D3',
  name: 'credential-refused',
  title: 'the guest brings no credential that opens the host, or a wrong one',
  phase: 'enrol',
  shows: 'TOKEN_MISSING, TOKEN_REFUSED, INSTANCE_TAKEN, CREDENTIAL_REFUSED; `Permission denied (publickey)` without our daemon',
  needs: ['console', 'guest', 'record'],
  // It asks in the name of another instance then.
  symptomOf: ['B4'],
  mend: 'trovestrap token create and inject it; trovestrap forget INSTANCE after a rebuild',
  find(facts) {
    if (isHeard(facts)) return undefined
    const said = waitsIn(facts, ...CODES)
    if (said) return told(facts, said.code!, [saidProof(said), ...refusals(facts).slice(0, 1)])
    const line = facts.said.length > 0 ? undefined : facts.line(/Permission denied \(publickey/, 'agent')
    if (line) {
      return {
        what: "the host refuses the SSH key with which the guest fetches Trove's code",
        proof: [proofOf(line)],
        mend: [{ on: 'host', say: "put the public half of the guest's /home/ubuntu/.ssh/id_rsa into ~/.ssh/authorized_keys of the user named in its unit (HOST_SCP_USERNAME)" }],
      }
    }
    const [newest] = byRecordAlone(facts) ? refusals(facts) : []
    return newest && told(facts, newest.text.split(' ')[0]!, [newest])
  },
}

function told(facts: Facts, code: string, proof: Proof[]): Found {
  const { instance } = facts.evidence
  if (code === 'INSTANCE_TAKEN') {
    return { what: 'this instance is enrolled already, with another key: it was rebuilt, or another guest claims to be it', proof, mend: [{ on: 'host', run: hostCommand(facts, `forget ${instance}`), say: 'the guest then enrols by itself' }] }
  }
  if (code === 'CREDENTIAL_REFUSED') {
    return { what: "the host does not accept this instance's credential any more", proof, mend: [{ on: 'host', run: hostCommand(facts, `forget ${instance}`), say: 'the guest then enrols again with its bootstrap token' }, ...newToken(facts)] }
  }
  const missing = code === 'TOKEN_MISSING'
  return { what: missing ? 'the guest has no bootstrap token to enrol with' : "the guest's bootstrap token is not valid: expired, used up, revoked, or another host's", proof, mend: newToken(facts) }
}

function newToken(facts: Facts): Step[] {
  return [
    { on: 'host', run: hostCommand(facts, 'token create --uses 1'), say: 'prints a token, once' },
    { on: 'guest', run: "sudo sh -c 'umask 077; cat >/etc/trovestrap/token'", say: 'paste it, then Ctrl-D; the guest goes on by itself' },
    { on: 'image', run: 'trovestrap image build BASE.qcow2 -o OUT.qcow2', say: 'puts a fresh token in, for the guests to come' },
  ]
}

/** What host-server refused in this instance's name since it last heard it, the newest first. */
function refusals({ evidence: { record, instance } }: Facts): Proof[] {
  const heard = instant(record?.view?.last_seen) ?? 0
  return (record?.refused ?? [])
    .filter((one) => one.instance === instance && (instant(one.at) ?? 0) > heard && (CODES as readonly string[]).includes(one.code))
    .map(({ at, code, address }) => ({ source: 'record', where: "host-server's record", at, text: `${code} from ${address}` }))
}

/** Nobody else has the guest's own words; a guest that was let in since has none of these. */
function byRecordAlone({ evidence: { console, guest } }: Facts): boolean {
  return console === undefined && guest === undefined
}
