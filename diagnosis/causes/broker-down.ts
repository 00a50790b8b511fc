import type { Cause, Step } from '../cause.ts'
import type { Facts } from '../facts.ts'
import { at, refused, type Refused } from './amqp-target.ts'
import { editForGuests } from './edit-guest-config.ts'
import { isLoopback } from './loopback.ts'

export const brokerDown: Cause = {
  id: 'G1',
  name: 'rabbitmq-not-listening',
  title: 'RabbitMQ is down, or does not listen on the address that guests are given',
  phase: 'reach-rabbitmq',
  shows: 'reach-rabbitmq fails with AMQP_REFUSED; the agent logs ECONNREFUSED for an address that is not the guest itself',
  needs: ['console', 'record', 'broker', 'guest'],
  symptomOf: ['F3', 'F4', 'F9', 'C6', 'C8'],
  mend: 'systemctl start rabbitmq-server; let it listen on the management network',
  find(facts) {
    const who = refused(facts, ['AMQP_REFUSED'], /ECONNREFUSED/)
    if (who === undefined || misled(facts, who)) return undefined
    return { what: what(facts, who), proof: who.proof, mend: mend(facts, who) }
  },
}

/** Refused by somebody else than the broker: the guest itself, or its own docker bridge. An agent's line without a known host says nothing. */
function misled({ failing, evidence }: Facts, { host, who }: Refused): boolean {
  if (who === 'control-plane') return false
  if (host === undefined || isLoopback(host)) return true
  const route = failing?.details['dev'] ?? /dev (\S+)/.exec(evidence.guest?.paths.find(({ to }) => to === host)?.route ?? '')?.[1]
  return route !== undefined && /^(docker|br-|lo$)/.test(route)
}

/** Whether the control plane's own look found the broker well. */
const answers = ({ evidence }: Facts): boolean => evidence.broker !== undefined && evidence.broker.fault === undefined

function what(facts: Facts, who: Refused): string {
  if (who.who === 'control-plane') return `RabbitMQ at ${at(who)} refuses connections: it does not run, or listens elsewhere`
  return answers(facts) ? `nothing listens for the guest at ${at(who)}, although RabbitMQ runs: it listens elsewhere, or the port is another` : `nothing listens at ${at(who)}: RabbitMQ does not run there`
}

function mend(facts: Facts, who: Refused): Step[] {
  const { broker, machine } = facts.evidence
  if (!answers(facts)) {
    return [
      { on: 'host', run: 'systemctl start rabbitmq-server' },
      { on: 'host', say: `should it run: let it listen on ${at(who)} (listeners.tcp in rabbitmq.conf)` },
    ]
  }
  const listens = machine?.listening.filter(({ port }) => String(port) === who.port) ?? []
  const own = listens.length > 0 ? `RabbitMQ listens on ${listens.map(({ address }) => address).join(', ')} alone` : `RabbitMQ listens on port ${broker!.port}`
  return [
    { on: 'host', say: `${own}: have it listen on ${at(who)} too (listeners.tcp in rabbitmq.conf; then systemctl restart rabbitmq-server), or` },
    ...editForGuests(facts, 'correct host and port of transport_url'),
  ]
}
