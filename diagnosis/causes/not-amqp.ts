// "No answer" has four reasons. That the connection was taken rules out a filter (C5, C6); that the same port answers the host with AMQP points
// to the way between (C7); what is left is a port that is not RabbitMQ's.
import type { Cause } from '../cause.ts'
import type { Facts } from '../facts.ts'
import { at, refused, type Refused } from './amqp-target.ts'
import { editForGuests } from './edit-guest-config.ts'

export const notAmqp: Cause = {
  id: 'G12',
  name: 'port-not-rabbitmq',
  title: 'something else than RabbitMQ takes the connection',
  phase: 'reach-rabbitmq',
  shows: 'reach-rabbitmq fails with AMQP_NOT_AMQP, or with AMQP_SILENT and tcp=open',
  needs: ['console', 'record', 'broker', 'guest'],
  symptomOf: ['C8', 'F9'],
  mend: 'point transport_url to the AMQP port; give the load balancer a backend',
  find(facts) {
    const speaks = refused(facts, ['AMQP_NOT_AMQP'])
    if (speaks) return { what: `${at(speaks)} does not speak AMQP`, proof: speaks.proof, mend: mend(facts, speaks) }
    const silent = refused(facts, ['AMQP_SILENT'])
    if (silent === undefined || !taken(facts, silent)) return undefined
    const { broker } = facts.evidence
    if (broker === undefined) return { undecided: `${at(silent)} takes the connection and says nothing: not RabbitMQ, or large packets get lost on the way`, wants: ['broker', 'broker_log'], proof: silent.proof }
    const same = broker.fault === undefined && String(broker.port) === silent.port
    if (same) return { undecided: `${at(silent)} says nothing to the guest, but RabbitMQ answers this host at port ${broker.port}`, wants: ['guest', 'broker_log'], proof: silent.proof }
    return { what: `${at(silent)} takes the connection and says nothing`, proof: silent.proof, mend: mend(facts, silent) }
  },
}

/** Whether TCP stood. */
function taken({ failing }: Facts, { text, who }: Refused): boolean {
  const tcp = who === 'guest' ? failing?.details['tcp'] : undefined
  return tcp === undefined ? /takes the connection and says nothing/.test(text) : tcp === 'open'
}

function mend(facts: Facts, who: Refused) {
  const { broker } = facts.evidence
  const where = broker !== undefined && broker.fault === undefined ? `: RabbitMQ's is ${broker.port}` : ''
  return [{ on: 'host' as const, say: `see what listens there: ss -ltnp 'sport = :${/^\d+$/.test(who.port ?? '') ? who.port : 5672}'; a load balancer may have no backend` }, ...editForGuests(facts, `correct host and port of transport_url${where}`)]
}
