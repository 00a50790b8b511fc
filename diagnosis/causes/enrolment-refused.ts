import type { Cause, Found, Proof, Step } from '../cause.ts'
import { FAULTS, type FaultCode } from '../../contract/fault.ts'
import { UNITS } from '../../contract/paths.ts'
import { type Facts, proofOf, type Said } from '../facts.ts'
import { instant } from '../instant.ts'
import { saidProof, waitsIn } from './daemon-fault.ts'
import { hostCommand } from './host-command.ts'
import { isHeard } from './is-heard.ts'

const CODES = ['TOKEN_MISSING', 'TOKEN_REFUSED', 'INSTANCE_TAKEN', 'CREDENTIAL_REFUSED', 'APPROVAL_PENDING', 'ATTESTATION_REFUSED', 'ATTESTATION_UNDECIDED', 'TOO_MANY_ATTEMPTS'] as const

/** D3 */
export const enrolmentRefused: Cause = {
  id: 'D3',
  name: 'credential-refused',
  title: 'the host does not let the guest in: no credential that opens it, a wrong one, or nobody vouches for the instance',
  phase: 'enrol',
  shows: 'TOKEN_MISSING, TOKEN_REFUSED, INSTANCE_TAKEN, CREDENTIAL_REFUSED, APPROVAL_PENDING, ATTESTATION_REFUSED, ATTESTATION_UNDECIDED; `Permission denied (publickey)` without our daemon',
  needs: ['console', 'guest', 'record'],
  // It asks in the name of another instance then.
  symptomOf: ['B4'],
  mend: 'trovestrap approve INSTANCE; trovestrap token create and inject it; trovestrap forget INSTANCE after a rebuild',
  find(facts) {
    if (isHeard(facts)) return undefined
    const said = waitsIn(facts, ...CODES)
    if (said) return asIfRunning(said, told(facts, said.code!, [saidProof(said), ...refusals(facts).slice(0, 1)], hostWords(said)))
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

/** A guest that is up asks once a day, by a timer; one that comes up asks by itself, within seconds. */
function asIfRunning({ stage }: Said, found: Found): Found {
  if (stage !== 'ready') return found
  return { ...found, mend: [...found.mend, { on: 'guest', run: `sudo systemctl start ${UNITS.renew}`, say: 'asks again now; by itself it does so once a day' }] }
}

/** @param words what the host said to the guest, where the guest was heard */
function told(facts: Facts, code: string, proof: Proof[], words = ''): Found {
  const { instance } = facts.evidence
  const approve = (say: string): Step => ({ on: 'host', run: hostCommand(facts, `approve ${instance}`), say })
  const because = words === '' ? '' : `: ${words}`
  if (code === 'APPROVAL_PENDING') {
    return { what: 'a new guest asks to be let in as this instance, and no operator has approved it yet', proof, mend: [approve('if it is yours; the guest then goes on within 15 s')] }
  }
  if (code === 'ATTESTATION_REFUSED') {
    return { what: `OpenStack contradicts what the guest says of itself${because}`, proof, mend: [approve('only if you know better than OpenStack that it is this instance')] }
  }
  if (code === 'ATTESTATION_UNDECIDED') {
    return { what: `host-server could not ask OpenStack whether the guest is this instance${because}`, proof, mend: [{ on: 'host', run: 'journalctl -u trovestrap-host -n 20', say: 'names what did not answer; the guest goes on once it does' }, approve('lets it in without OpenStack')] }
  }
  if (code === 'TOO_MANY_ATTEMPTS') {
    return { what: "host-server lets the guest's address wait: too many attempts from there were refused", proof, mend: [{ on: 'host', run: hostCommand(facts, 'audit --last 50'), say: 'shows who was refused and why; the guest goes on by itself once they stop' }] }
  }
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

/** The part of a fault's message that is not the code's own title. */
function hostWords({ code, message = '' }: Said): string {
  return message.replace(`${FAULTS[code as FaultCode].title}: `, '').slice(0, 300)
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
