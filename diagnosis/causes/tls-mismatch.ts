import type { Cause, Step } from '../cause.ts'
import { type Facts, proofOf } from '../facts.ts'
import { at, refused } from './amqp-target.ts'
import { setForGuests } from './edit-guest-config.ts'
import { servedFinding } from './served-finding.ts'

const RABBIT = 'oslo_messaging_rabbit'

export const tlsMismatch: Cause = {
  id: 'G6',
  name: 'rabbitmq-tls-mismatch',
  title: 'one side speaks TLS and the other does not',
  phase: 'reach-rabbitmq',
  shows: 'reach-rabbitmq fails with AMQP_TLS_EXPECTED or AMQP_NOT_TLS; the agent logs "Server unexpectedly closed connection" or WRONG_VERSION_NUMBER',
  needs: ['console', 'record', 'guest', 'machine', 'broker'],
  symptomOf: ['F9', 'G12'],
  mend: 'ssl in [oslo_messaging_rabbit] as the port wants it: usually false for 5672, true for 5671',
  find(facts) {
    const finding = servedFinding(facts, 'ssl')
    const plain = refused(facts, ['AMQP_TLS_EXPECTED'])
    const secure = refused(facts, ['AMQP_NOT_TLS'], /WRONG_VERSION_NUMBER/)
    const who = plain ?? secure
    if (who === undefined && finding === undefined) return closedInLog(facts)
    const wanted = finding ? /expected true/.test(finding.message) : plain !== undefined
    const what = who === undefined ? `ssl: ${finding!.message}` : wanted ? `${at(who)} speaks TLS, but ssl is off` : `ssl is on, but ${at(who)} does not speak TLS`
    return { what, proof: [...(who?.proof ?? []), ...(finding ? [finding.proof] : [])], mend: mend(facts, wanted, who?.who) }
  },
}

function mend(facts: Facts, wanted: boolean, who: 'guest' | 'control-plane' | undefined): Step[] {
  if (who === 'control-plane') return [{ on: 'host', say: `write ssl = ${wanted} under [${RABBIT}] of trove.conf, or correct the port of its transport_url` }]
  const file = facts.option(RABBIT, 'ssl')?.file
  if (file !== undefined && file > '/etc/trove/conf.d/trovestrap.conf') return [{ on: 'guest', say: `write ssl = ${wanted} under [${RABBIT}] of ${file}` }]
  return setForGuests(facts, RABBIT, 'ssl', String(wanted))
}

/** An agent without our daemon: its line is the same for any port that hangs up; the broker's log tells. */
function closedInLog(facts: Facts): ReturnType<Cause['find']> {
  const line = facts.failing || facts.agentConnected === true ? undefined : facts.line(/Server unexpectedly closed connection/, 'agent')
  if (line === undefined) return undefined
  const log = facts.line(/Fatal - Unexpected Message|bad_header,<<22,3,1/, 'broker')
  if (log === undefined) return { undecided: 'the broker hangs up on the agent: a TLS port, or no RabbitMQ at all', wants: ['broker_log', 'broker'], proof: [proofOf(line)] }
  return { what: 'RabbitMQ\'s port speaks TLS, but ssl is off in the guest', proof: [proofOf(log), proofOf(line)], mend: mend(facts, true, 'guest') }
}
