import type { Cause } from '../cause.ts'
import { refused } from './amqp-target.ts'
import { setForGuests } from './edit-guest-config.ts'
import { safeWord } from './safe-word.ts'

export const transientRefused: Cause = {
  id: 'G10',
  name: 'rabbitmq-transient-queues-refused',
  title: 'RabbitMQ 4.3 and later refuse the transient queues that the agent declares',
  phase: 'reach-rabbitmq',
  shows: '"Internal amqp error (541) during queue declare … transient_nonexcl_queues"',
  needs: ['console', 'record', 'guest', 'broker_log'],
  mend: 'durable or quorum queues on both sides, or permit the deprecated feature in rabbitmq.conf',
  find(facts) {
    const who = refused(facts, ['AMQP_FAILED', 'AMQP_QUEUE_DIFFERS'], /transient_nonexcl_queues/)
    if (who === undefined || !/transient_nonexcl_queues/.test(`${who.text} ${who.proof[0]!.text}`)) return undefined
    return {
      what: `RabbitMQ ${facts.evidence.broker?.product ?? ''} refuses transient queues that are not exclusive`.replace('RabbitMQ RabbitMQ', 'RabbitMQ').replace(/ {2,}/g, ' '),
      proof: who.proof,
      mend: [
        { on: 'host', say: 'set amqp_durable_queues = true under [oslo_messaging_rabbit] of trove.conf and restart the Trove services' },
        ...setForGuests(facts, 'oslo_messaging_rabbit', 'amqp_durable_queues', 'true'),
        { on: 'host', say: 'or permit it: deprecated_features.permit.transient_nonexcl_queues = true in rabbitmq.conf' },
      ],
    }
  },
}

/** Found on RabbitMQ's own word alone: a queue that hangs looks like any other silence. */
export const queueDown: Cause = {
  id: 'G13',
  name: 'rabbitmq-queue-down',
  title: "the guest's queue lives on a cluster node that is gone",
  phase: 'reach-rabbitmq',
  shows: 'declare or consume fails for this queue alone; rabbitmqctl list_queues shows it down',
  needs: ['broker', 'console', 'record'],
  mend: 'rabbitmqctl delete_queue, then start the agent anew',
  find(facts) {
    const { evidence } = facts
    const name = `guestagent.${evidence.instance}`
    const { broker } = evidence
    const down = /^(down|stopped|minority|crashed)$/.test(broker?.queues[name]?.state ?? '')
    const who = refused(facts, ['AMQP_FAILED'], /home node .* of durable queue|queue .* in vhost .* process is stopped by supervisor/)
    const said = who !== undefined && /home node|process is stopped by supervisor|is down or inaccessible/.test(who.text)
    if (!down && !said) return undefined
    const vhost = safeWord(broker?.vhost ?? who?.vhost)
    return {
      what: `the queue ${name} lies on a node of RabbitMQ that is gone`,
      proof: [...(down ? [{ source: 'broker' as const, where: `RabbitMQ, vhost ${broker!.vhost}`, text: `${name}: ${broker!.queues[name]!.state}` }] : []), ...(said ? who.proof : [])],
      mend: [vhost === undefined ? { on: 'host', say: `delete the queue ${name}` } : { on: 'host', run: `rabbitmqctl delete_queue -p ${vhost} ${name}` }, { on: 'host', say: 'prepare was in it: create the instance anew, should it not have been prepared yet' }],
    }
  },
}
