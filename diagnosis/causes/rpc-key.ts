import type { Cause, Proof } from '../cause.ts'
import { type Facts, proofOf } from '../facts.ts'
import { setForGuests } from './edit-guest-config.ts'
import { createAnew } from './prepare-failed.ts'
import { servedFinding } from './served-finding.ts'
import { silence } from './silence.ts'

/** What a message that could not be decrypted looks like by the time the agent stumbles over it (Trove 18). */
const LINE = /KeyError: 'context'|'TroveContext' object has no attribute 'notification'/
const OPTION = 'enable_secure_rpc_messaging'

export const rpcKey: Cause = {
  id: 'I8',
  name: 'rpc-key-differs',
  title: 'the guest has another RPC key than Trove, so it cannot read what it is sent',
  phase: 'prepare',
  shows: "the agent logs KeyError: 'context', or \"'TroveContext' object has no attribute 'notification'\"; the status stays \"new\"",
  needs: ['guest', 'machine'],
  mend: 'enable_secure_rpc_messaging the same on both sides; an instance made anew gets its key',
  find(facts) {
    const finding = servedFinding(facts, OPTION)
    if (finding) return { what: `${OPTION}: ${finding.message}`, proof: [finding.proof], mend: setForGuests(facts, 'DEFAULT', OPTION, /expected true/.test(finding.message) ? 'true' : 'false') }
    const line = facts.healthy === true ? undefined : facts.line(LINE, 'agent')
    if (line === undefined) {
      const quiet = facts.saw('guest') ? undefined : silence(facts)
      return quiet && { undecided: 'the agent took a message, and Trove has heard nothing since: it may not have been able to decrypt it', wants: ['guest'], proof: quiet.proof }
    }
    return {
      what: `the agent could not read prepare: its RPC key is not the one that Trove has for it${keyless(facts) ? '; it has none' : ''}`,
      proof: [proofOf(line), ...stored(facts)],
      mend: [{ on: 'host', say: `${OPTION}, taskmanager_rpc_encr_key and inst_rpc_key_encr_key have to be the same for trove-api, trove-taskmanager and trove-conductor; the guest's instance_rpc_encr_key stands in guest_info.conf` }, ...createAnew(facts)],
    }
  },
}

function keyless(facts: Facts): boolean {
  const { guest } = facts.evidence
  return guest !== undefined && guest.config.length > 0 && facts.option('DEFAULT', 'instance_rpc_encr_key') === undefined
}

function stored({ evidence }: Facts): Proof[] {
  const has = evidence.trove?.instance?.has_rpc_key
  return has === undefined ? [] : [{ source: 'trove', where: 'instances.encrypted_key', text: has ? 'a key is stored' : 'no key is stored' }]
}
