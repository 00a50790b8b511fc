import type { Cause } from '../cause.ts'
import type { Facts } from '../facts.ts'

/** Seconds. Who had a heartbeat written since has a conductor, whatever its queue is called. */
const FRESH = 90

export const conductorDown: Cause = {
  id: 'J1',
  name: 'conductor-down',
  title: 'trove-conductor does not run, or listens at another broker',
  phase: 'report',
  shows: "RabbitMQ's queue trove-conductor has no consumer, or there is none: heartbeats wait, or vanish without an error",
  needs: ['broker'],
  mend: 'systemctl start trove-conductor',
  find(facts) {
    const { broker, machine, trove, at } = facts.evidence
    const name = machine?.trove_conf?.options['conductor_queue'] ?? 'trove-conductor'
    const queue = broker === undefined || broker.fault ? undefined : broker.queues[name]
    if (queue === undefined || written(facts, trove?.service?.updated, at)) return undefined
    if (queue.present && queue.consumers !== 0) return undefined
    const state = queue.present ? `${queue.messages ?? 0} messages, 0 consumers` : 'no such queue'
    return {
      what: queue.present ? 'nobody consumes the queue of trove-conductor: it does not run' : 'trove-conductor was never there since RabbitMQ started: what guests report vanishes',
      proof: [{ source: 'broker', where: `RabbitMQ, vhost ${broker!.vhost}`, text: `${name}: ${state}` }],
      mend: [
        { on: 'host', run: 'systemctl start trove-conductor' },
        ...(facts.healthy === false && !queue.present ? [{ on: 'guest' as const, say: 'the agent reports anew within a minute, once it has prepared' }] : []),
      ],
    }
  },
}

function written(facts: Facts, updated: string | undefined, at: string): boolean {
  const age = facts.seconds(updated, at)
  return facts.healthy === true && age !== undefined && age < FRESH
}
