import type { Cause, Proof, Step } from '../cause.ts'
import { type Facts, proofOf } from '../facts.ts'
import type { HostSeen } from '../host-seen.ts'
import { hostCommand } from './host-command.ts'
import { isHeard } from './is-heard.ts'
import { isLoopback } from './loopback.ts'
import { safeWord } from './safe-word.ts'
import { answersElsewhere, unansweredWay, type Way } from './way-to.ts'

const BRIDGE = /^(docker|br-)/
const CUT_SHORT = /handshake_timeout/

/** C5 */
export const brokerPortDropped: Cause = {
  id: 'C5',
  name: 'broker-port-dropped',
  title: "a security group or firewall drops the guest's connections to RabbitMQ",
  phase: 'reach-rabbitmq',
  shows: 'AMQP_SILENT with tcp=silent while the same host answers on another port; nothing of the guest in the log of RabbitMQ',
  needs: ['console', 'record', 'guest'],
  symptomOf: ['C2', 'C3', 'C8', 'F9'],
  mend: 'let TCP 5672 (5671 with TLS) from guests to the broker',
  ahead(facts) {
    const { filter } = facts.evidence.machine?.host ?? {}
    const [shut] = filter?.closed.filter(({ open }) => open === 'no') ?? []
    const [doubtful] = filter?.closed ?? []
    if (shut) return { what: `this host's packet filter drops what guests send to port ${filter!.closed.filter(({ open }) => open === 'no').map(({ port }) => port).join(' and ')}`, proof: [policy('input', filter!)], mend: [openFor(facts)] }
    return doubtful && { undecided: `this host's packet filter drops what no rule lets in; whether guests reach port ${filter!.closed.map(({ port }) => port).join(' and ')} is not known`, wants: ['machine'], proof: [policy('input', filter!)] }
  },
  find(facts) {
    const way = unansweredByBroker(facts)
    if (!way || way.tcp === 'open' || way.tcp === 'refused') return undefined
    const closed = noRuleFor(facts, way.port)
    const other = answersElsewhere(facts, way)
    if (way.tcp === 'silent' && (other || closed)) {
      return {
        what: `something between guest and broker drops connections to ${way.host}:${way.port}`,
        proof: [...way.proof, ...(other ? [other] : []), ...(closed ? [closed.proof] : [])],
        mend: [
          { on: 'cloud', ...(closed ? { run: `openstack security group rule create --egress --protocol tcp --dst-port ${way.port} ${closed.group}` } : { say: `let TCP ${way.port} out in the security groups of the guests' management port` }) },
          { on: 'host', say: `let TCP ${way.port} from the guests' network in, where this host or the broker's has a firewall` },
          { on: 'guest', say: 'nothing: the guest goes on by itself' },
        ],
      }
    }
    const wants = (['guest', 'neutron'] as const).filter((source) => !facts.saw(source))
    return wants.length === 0 ? undefined : { undecided: `${way.host}:${way.port} does not answer the guest; whether its connections are dropped, or lead nowhere, is not known`, wants, proof: way.proof }
  },
}

/** C7 */
export const mtu: Cause = {
  id: 'C7',
  name: 'mtu-black-hole',
  title: 'large packets between guest and broker are lost (MTU)',
  phase: 'reach-rabbitmq',
  shows: 'connections are taken, and the handshake never ends; `handshake_timeout` in the log of RabbitMQ',
  needs: ['broker_log'],
  symptomOf: ['F9'],
  mend: "the network's real MTU: openstack network set --mtu",
  find(facts) {
    const way = unansweredByBroker(facts)
    if (way?.tcp !== 'open') return undefined
    const line = facts.line(CUT_SHORT, 'broker')
    if (line) {
      const small = facts.evidence.neutron?.networks.map(({ name, mtu }) => `${name} ${mtu ?? '?'}`).join(', ')
      return {
        what: `RabbitMQ takes the guest's connection to ${way.host}:${way.port}, and what is said after it gets lost: packets of full size do not pass`,
        proof: [proofOf(line), ...way.proof, ...(small ? [{ source: 'neutron' as const, where: 'networks, MTU', text: small }] : [])],
        mend: [{ on: 'guest', run: `ping -c 3 -M do -s 1472 ${safeWord(way.host) ?? '10.0.0.1'}`, say: 'without an answer, while -s 1200 gets one: the MTU is too large' }, { on: 'cloud', run: 'openstack network list --long', say: 'then `openstack network set --mtu 1400 NETWORK` for the management network' }],
      }
    }
    const { broker, broker_log } = facts.evidence
    const same = broker !== undefined && broker.fault === undefined && broker.host === way.host && broker.port === way.port
    return same && broker_log === undefined ? { undecided: `RabbitMQ at ${way.host}:${way.port} answers this host and not the guest, whose connection it takes`, wants: ['broker_log'], proof: way.proof } : undefined
  },
}

/** C9 */
export const forwardDropped: Cause = {
  id: 'C9',
  name: 'forwarding-dropped',
  title: "Docker on the host has set the policy of its FORWARD chain to DROP, which cuts guests off",
  phase: 'network',
  shows: 'guests reach nothing any more; `iptables -S FORWARD` begins with `-P FORWARD DROP`',
  needs: ['machine'],
  symptomOf: ['C1', 'C8'],
  mend: 'an ACCEPT in DOCKER-USER for the guests\' bridge, or "iptables": false in /etc/docker/daemon.json of the host',
  ahead(facts) {
    const { filter, guests } = facts.evidence.machine?.host ?? {}
    if (filter?.forward !== 'drop' || filter.forwards === 'yes') return undefined
    const proof = [policy('forward', filter)]
    if (filter.forwards === 'no' && guests !== undefined) return { what: `this host drops what it should forward for guests of ${guests}`, proof, mend: [openFor(facts)] }
    return { undecided: `this host forwards nothing by default; whether it does for guests ${guests === undefined ? '' : `of ${guests} `}is not known`, wants: ['machine'], proof }
  },
  find(facts) {
    const forward = facts.evidence.machine?.forward
    const way = isHeard(facts) ? undefined : unansweredWay(facts)
    if (!forward || forward.policy.toUpperCase() !== 'DROP' || !way || way.tcp === 'open' || isLoopback(way.host) || BRIDGE.test(way.dev ?? '') || answersElsewhere(facts, way)) return undefined
    const proof: Proof[] = [{ source: 'machine', where: forward.from, text: 'policy DROP for what this host forwards' }, ...way.proof]
    // Many hosts have this policy and forward for nobody: only a guest that reaches nothing at all is cut off by it.
    const { guest } = facts.evidence
    if (!guest) return { undecided: `this host forwards nothing by default; whether that keeps the guest from ${way.host} is not known`, wants: ['guest'], proof }
    if (guest.probes.length === 0 || guest.probes.some(({ outcome }) => outcome !== 'silent')) return undefined
    return {
      what: `this host drops what it should forward for guests (policy DROP of its FORWARD chain, as Docker sets it)`,
      proof,
      mend: [{ on: 'host', run: 'iptables -S FORWARD', say: 'then `iptables -I DOCKER-USER -i BRIDGE -j ACCEPT` and the same with -o, for the bridge of the guests' }],
    }
  },
}

/** Opens what guests need, and changes nothing but a table of its own. */
export function openFor(facts: Facts): Step {
  const guests = safeWord(facts.evidence.machine?.host?.guests)
  return { on: 'host', run: hostCommand(facts, `firewall apply${guests === undefined ? '' : ` --guests ${guests}`}`), say: 'in a table of its own; `trovestrap firewall plan` shows it before' }
}

const policy = (hook: 'input' | 'forward', filter: NonNullable<HostSeen['filter']>): Proof => ({ source: 'machine', where: filter.from, text: `policy ${filter[hook]} of ${hook}` })

function unansweredByBroker(facts: Facts): Way | undefined {
  const code = facts.failing?.code
  if (isHeard(facts) || (facts.said.length > 0 && code !== 'AMQP_SILENT')) return undefined
  const way = unansweredWay(facts)
  return way === undefined || isLoopback(way.host) || BRIDGE.test(way.dev ?? '') || /UNREACH/.test(way.proof[0]?.text ?? '') ? undefined : way
}

/** A group of the instance's ports that lets this port out is enough; none of them does. */
function noRuleFor({ evidence: { neutron } }: Facts, port: number): { group: string; proof: Proof } | undefined {
  const groups = [...new Set((neutron?.ports ?? []).flatMap(({ security_groups }) => security_groups))]
  const out = (neutron?.rules ?? []).filter(({ group, direction }) => direction === 'egress' && groups.includes(group))
  const group = safeWord(groups[0])
  if (group === undefined || out.some(({ protocol, from, to }) => (protocol === undefined || protocol === 'tcp' || protocol === '6') && (from === undefined || (from <= port && port <= (to ?? from))))) return undefined
  return { group, proof: { source: 'neutron', where: `security groups ${groups.join(', ')}`.slice(0, 200), text: `no egress rule for TCP ${port}` } }
}
