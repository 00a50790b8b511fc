import type { Cause, Step } from '../cause.ts'
import type { Facts } from '../facts.ts'
import { refused, type Refused } from './amqp-target.ts'
import { setForGuests } from './edit-guest-config.ts'
import { safeWord } from './safe-word.ts'
import { servedFinding } from './served-finding.ts'

const RABBIT = 'oslo_messaging_rabbit'
/** What RabbitMQ calls it, and the option behind it. */
const OPTIONS: readonly [pattern: RegExp, option: string, holds: (has: string) => boolean][] = [
  [/inequivalent arg 'x-queue-type'/, 'rabbit_quorum_queue', (has) => /quorum/.test(has)],
  [/inequivalent arg 'durable'/, 'amqp_durable_queues', (has) => /true/.test(has)],
  [/inequivalent arg 'auto_delete'/, 'amqp_auto_delete', (has) => /true/.test(has)],
]
const SERVED = ['rabbit_quorum_queue', 'rabbit_stream_fanout', 'amqp_durable_queues', 'rabbit_transient_quorum_queue']

export const propertiesDiffer: Cause = {
  id: 'G9',
  name: 'rabbitmq-properties-differ',
  title: 'guest and control plane declare the same exchange or queue with different properties',
  phase: 'reach-rabbitmq',
  shows: 'reach-rabbitmq fails with AMQP_EXCHANGE_DIFFERS or AMQP_QUEUE_DIFFERS; the agent ends with "(406) PRECONDITION_FAILED - inequivalent arg"',
  needs: ['console', 'record', 'guest', 'machine'],
  symptomOf: ['F9', 'G14'],
  mend: 'amqp_durable_queues and rabbit_quorum_queue the same in trove.conf and for guests',
  find(facts) {
    const finding = SERVED.map((option) => servedFinding(facts, option)).find((one) => one !== undefined)
    const who = refused(facts, ['AMQP_EXCHANGE_DIFFERS', 'AMQP_QUEUE_DIFFERS'], /\(406\) PRECONDITION_FAILED/)
    if (who === undefined && finding === undefined) return undefined
    const option = finding === undefined ? undefined : finding.proof.text.split(':')[0]
    return {
      what: who ? `RabbitMQ has ${on(facts, who)} with other properties: ${/inequivalent.*/.exec(who.text)?.[0]?.split(';')[0] ?? who.text.slice(0, 200)}` : `${option}: ${finding!.message}`,
      proof: [...(who?.proof ?? []), ...(finding ? [finding.proof] : [])],
      mend: option !== undefined ? setForGuests(facts, RABBIT, option, /expected true/.test(finding!.message) ? 'true' : 'false') : mend(facts, who!),
    }
  },
}

const on = (facts: Facts, { text }: Refused): string => facts.failing?.details['on'] ?? /for ((?:exchange|queue) '[^']*')/.exec(text)?.[1] ?? 'an exchange or queue'

/** As RabbitMQ has it, unless trove.conf says otherwise: then what RabbitMQ has is a leftover. */
function mend(facts: Facts, who: Refused): Step[] {
  const [, option, holds] = OPTIONS.find(([pattern]) => pattern.test(who.text)) ?? []
  if (option === undefined) return [{ on: 'host', say: `give ${SERVED.join(', ')} the same values for guests as in trove.conf` }]
  const has = holds!(/but current is (.*)$/.exec(who.text)?.[1] ?? '')
  const trove = facts.evidence.machine?.trove_conf?.options[option]
  if (trove === undefined || /^(true|1|on|yes)$/i.test(trove) === has) return setForGuests(facts, RABBIT, option, String(has))
  const queue = /for queue '([^']*)'/.exec(who.text)?.[1]
  const [name, vhost] = [safeWord(queue), safeWord(who.vhost)]
  if (name === undefined || vhost === undefined) return [{ on: 'host', say: 'what RabbitMQ has is older than trove.conf: delete the exchange, then restart trove-conductor and trove-taskmanager' }]
  return [{ on: 'host', run: `rabbitmqctl delete_queue -p ${vhost} ${name}` }]
}
