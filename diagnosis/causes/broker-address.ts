import type { Cause, Proof } from '../cause.ts'
import { type Facts } from '../facts.ts'
import { agentSaid } from './agent-said.ts'
import { saidProof, waitsIn } from './daemon-fault.ts'
import { isHeard } from './is-heard.ts'
import { isLoopback } from './loopback.ts'
import { otherFile, renameBroker } from './rename-broker.ts'
import { servedFinding, serveSaid } from './served-finding.ts'
import { unansweredWay } from './way-to.ts'

const UNKNOWN = /Connection failed: \[Errno -[235]\] (?:No address found|Lookup timed out|Name or service not known)|NoResolverConfiguration/
const NO_USE = /expected an address that guests can reach/

/** C4 */
export const nameUnknown: Cause = {
  id: 'C4',
  name: 'name-does-not-resolve',
  title: "the guest has no resolver, or the broker's or the host's name is unknown to it",
  phase: 'network',
  shows: 'AMQP_HOST_UNKNOWN, HOST_UNKNOWN; the agent logs `No address found` or `Lookup timed out`',
  needs: ['console', 'record', 'guest'],
  symptomOf: ['F9'],
  mend: 'DNS on the management network, or an address in the place of the name',
  find(facts) {
    if (isHeard(facts)) return undefined
    const said = waitsIn(facts, 'AMQP_HOST_UNKNOWN', 'HOST_UNKNOWN')
    const line = said ? undefined : agentSaid(facts, UNKNOWN)
    if (!said && !line) return undefined
    const { guest } = facts.evidence
    const host = said?.details['host'] ?? guest?.transport?.hosts[0]?.host
    const none: Proof[] = guest && guest.nameservers.length === 0 ? [{ source: 'guest', where: 'guest, /etc/resolv.conf', text: 'no nameserver' }] : []
    const ofHost = said?.code === 'HOST_UNKNOWN'
    return {
      what: none.length > 0 ? `the guest has no resolver, so "${host ?? 'the broker'}" is unknown to it` : `the name "${host ?? 'of the broker'}" does not resolve in the guest`,
      proof: [...(said ? [saidProof(said)] : [line!]), ...none],
      mend: [
        ...(ofHost ? [{ on: 'host' as const, say: 'let controller_address of trove.conf, or --url of the image, be an address' }] : renameBroker(facts, host, otherFile(facts))),
        { on: 'cloud', say: "or give the management network a DNS server that knows it: openstack subnet set --dns-nameserver ADDRESS SUBNET" },
      ],
    }
  },
}

/** C6 */
export const addressOfInside: Cause = {
  id: 'C6',
  name: 'broker-address-not-for-guests',
  title: "the broker's address is good inside the control plane only",
  phase: 'reach-rabbitmq',
  shows: 'transport_url of the guests names 127.0.0.1 or a network that guests have no way to',
  needs: ['console', 'record', 'machine', 'guest'],
  symptomOf: ['C2', 'C3', 'C8'],
  mend: "an address on the guests' management network in transport_url of the guests",
  find: (facts) => (isHeard(facts) ? undefined : (ofLoopback(facts) ?? ofNowhere(facts))),
}

function ofLoopback(facts: Facts): ReturnType<Cause['find']> {
  const { failing, evidence } = facts
  const said = failing?.code?.startsWith('AMQP_') === true && isLoopback(failing.details['host']) ? failing : undefined
  const served = said ? undefined : (servedFinding(facts, 'transport_url', NO_USE)?.proof ?? serveSaid(facts, NO_USE))
  const hosts = evidence.guest?.transport?.hosts ?? []
  const line = !said && !served && hosts.length > 0 && hosts.every(({ host }) => isLoopback(host)) ? agentSaid(facts, /Connection failed: /) : undefined
  const proof = said ? saidProof(said) : (served ?? line)
  if (!proof) return undefined
  const host = said?.details['host'] ?? (served ? /got ([\w.:-]+)/.exec(served.text)?.[1]?.replace(/:$/, '') : hosts[0]?.host)
  const file = said || line ? otherFile(facts) : undefined
  return {
    what: `transport_url${file === undefined ? ' of the guests' : ` in ${file}`} names ${host ?? 'a loopback address'}: in a guest that is the guest itself`,
    proof: [proof],
    mend: renameBroker(facts, host, file),
  }
}

/** The guest reaches its host, and has no route to the broker. */
function ofNowhere(facts: Facts): ReturnType<Cause['find']> {
  const way = facts.failing?.code === 'AMQP_UNREACHABLE' || facts.said.length === 0 ? unansweredWay(facts) : undefined
  if (!way || way.tcp !== undefined || !/UNREACH/.test(way.proof[0]?.text ?? '') || isLoopback(way.host)) return undefined
  const { guest } = facts.evidence
  if (!guest) return { undecided: `the guest has no route to ${way.host}; whether one of its interfaces is down is not known`, wants: ['guest'], proof: way.proof }
  if (guest.addresses.some(({ interface: name, state }) => state?.toUpperCase() === 'DOWN' && !/^(lo|docker|br-|veth)/.test(name))) return undefined
  return { what: `guests have no way to ${way.host}, the address in their transport_url`, proof: way.proof, mend: renameBroker(facts, way.host, otherFile(facts)) }
}
