// Both sides are content, each with its own broker or vhost: the guest is connected there, and here prepare waits for ever.
import type { Cause, Proof, Step } from '../cause.ts'
import type { Facts } from '../facts.ts'
import { GUEST } from '../../contract/paths.ts'
import { saidProof } from './daemon-fault.ts'
import { editForGuests, guestConfigPath, readAgain, setAside } from './edit-guest-config.ts'
import { isLoopback } from './loopback.ts'
import { servedFinding } from './served-finding.ts'

export const otherBroker: Cause = {
  id: 'G14',
  name: 'rabbitmq-other-broker',
  title: 'guest and control plane talk to different brokers or vhosts',
  phase: 'reach-rabbitmq',
  shows: 'the guest is ready, and on the control plane\'s broker prepare waits in a queue without a consumer',
  needs: ['machine', 'broker', 'console', 'record', 'guest'],
  mend: 'the same host and vhost in both transport_urls',
  find(facts) {
    const finding = servedFinding(facts, 'transport_url', /expected the vhost/)
    if (finding) return { what: `transport_url: ${finding.message}`, proof: [finding.proof], mend: renameVhost(facts) ?? editForGuests(facts, finding.mend) }
    const { broker } = facts.evidence
    if (broker === undefined || facts.healthy === true || facts.agentConnected !== false) return undefined
    const own = queueProof(facts)
    const elsewhere = broker.inside?.everywhere.find(({ vhost, consumers }) => vhost !== broker.vhost && consumers > 0)
    if (elsewhere) return { what: `the agent is connected in vhost ${elsewhere.vhost}, the control plane uses ${broker.vhost}`, proof: [{ source: 'broker', where: `RabbitMQ, vhost ${elsewhere.vhost}`, text: `guestagent.${facts.evidence.instance}: ${elsewhere.consumers} consumers` }, own], mend: mend(facts) }
    const reached = reachedBy(facts)
    if (reached === undefined || !connected(facts)) return undefined
    // A broker has several ports; that prepare still waits here although the agent consumes there tells them apart.
    const waits = (broker.queues[`guestagent.${facts.evidence.instance}`]?.messages ?? 0) > 0
    const differs = reached.vhost !== broker.vhost || (reached.port !== broker.port && waits)
    const names = isLoopback(reached.host) || isLoopback(broker.host) || reached.host === broker.host
    const what = `the agent is connected to ${reached.host}:${reached.port} vhost ${reached.vhost}, the control plane to ${broker.host}:${broker.port} vhost ${broker.vhost}`
    if (differs) return { what, proof: [reached.proof, own], mend: mend(facts) }
    return names && reached.port === broker.port ? undefined : { undecided: `${what}: two names of one broker, or two brokers`, wants: facts.saw('machine') ? ['guest'] : ['machine', 'guest'], proof: [reached.proof, own] }
  },
}

interface Reached {
  readonly host: string
  readonly port: number
  readonly vhost: string
  readonly proof: Proof
}

/** What the daemon noted when it had logged in: `10.0.2.2:5672 (RabbitMQ 3.10.8) vhost trove user trove exchange trove`. */
function reachedBy({ said }: Facts): Reached | undefined {
  for (const one of said.toReversed()) {
    const [, bracketed, name, port, vhost] = (one.stage === 'reach-rabbitmq' && /^(?:\[([^\]]+)\]|([^:\s]+)):(\d+) .*\bvhost (\S+) user /.exec(one.note ?? '')) || []
    if (port !== undefined) return { host: (bracketed ?? name)!, port: Number(port), vhost: vhost!, proof: saidProof(one) }
  }
  return undefined
}

/** The agent consumed its queue, and as far as anybody looked it has not ended since. */
function connected({ ready, agentUnit }: Facts): boolean {
  return ready && (agentUnit === undefined || (agentUnit.active === 'active' && agentUnit.sub === 'running'))
}

function queueProof({ evidence }: Facts): Proof {
  const { broker, instance } = evidence
  const queue = broker!.queues[`guestagent.${instance}`]
  return { source: 'broker', where: `RabbitMQ, vhost ${broker!.vhost}`, text: `guestagent.${instance}: ${queue?.present ? `${queue.messages ?? 0} messages, ${queue.consumers ?? 0} consumers` : 'no such queue'}` }
}

/** The control plane's vhost at the end of the guests' transport_url, without touching the password in it. */
function renameVhost(facts: Facts): Step[] | undefined {
  const { trove_conf, guest_config } = facts.evidence.machine ?? {}
  const [from, to] = [guest_config, trove_conf].map((conf) => conf?.transport?.vhost.replace(/^\/$/, ''))
  if (from === undefined || to === undefined || ![from, to].every((vhost) => /^[\w.-]*$/.test(vhost))) return undefined
  return [{ on: 'host', run: `sed -i '/^ *transport_url/s|/${from}$|/${to}|' ${guestConfigPath(facts)}`, say: `the vhost of ${trove_conf!.file.path}` }, readAgain(facts)]
}

function mend(facts: Facts): Step[] {
  const file = facts.evidence.guest?.transport?.file
  if (file !== undefined && file > GUEST.servedConfig) return [setAside(file), { on: 'guest', run: 'sudo systemctl restart trovestrap-guest' }]
  const trove = facts.evidence.machine?.trove_conf?.file.path ?? 'trove.conf'
  return [...editForGuests(facts, `give transport_url the broker and vhost of ${trove}`), { on: 'host', say: `or the other way round: give ${trove} those of ${guestConfigPath(facts)} and restart the Trove services` }]
}
