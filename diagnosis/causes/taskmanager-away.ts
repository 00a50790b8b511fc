import type { Cause, Proof, Step } from '../cause.ts'
import type { Facts } from '../facts.ts'

const BUILDING = 0x05

/** N1 */
export const taskmanagerAway: Cause = {
  id: 'N1',
  name: 'taskmanager-away',
  title: 'no trove-taskmanager takes up the order to build the instance',
  phase: 'control-plane',
  shows: 'the instance has no Nova server; the queue `taskmanager` has messages and no consumer',
  needs: ['broker', 'trove'],
  symptomOf: ['G1'],
  mend: 'start trove-taskmanager, or give it the transport_url that trove-api has',
  ahead(facts) {
    const { broker } = facts.evidence
    const nobody = broker === undefined || broker.fault ? undefined : nobodyConsumes(facts)
    return nobody && { what: 'trove-taskmanager does not run: nobody takes up the order to build an instance', proof: [nobody], mend: [start(facts)] }
  },
  find(facts) {
    const { broker, trove } = facts.evidence
    const untouched = noServerYet(facts)
    const waiting = broker === undefined || broker.fault ? undefined : nobodyConsumes(facts)
    if (untouched && waiting) {
      return {
        what: 'trove-taskmanager does not take up the order to build this instance',
        proof: [waiting, untouched],
        mend: [start(facts)],
      }
    }
    if (untouched && broker === undefined) return { undecided: 'Trove has made no server for it yet; whether anybody consumes the queue taskmanager is not known', wants: ['broker'], proof: [untouched] }
    if (waiting && trove === undefined && ordersWait(facts)) return { undecided: 'orders wait in the queue taskmanager; whether this instance is one of them is not known', wants: ['trove'], proof: [waiting] }
    return undefined
  },
}

function start({ evidence: { broker } }: Facts): Step {
  return { on: 'host', run: 'systemctl start trove-taskmanager', say: `where it runs already: its transport_url has to name ${broker!.host}:${broker!.port} vhost ${broker!.vhost}, as trove-api's does` }
}

/** Trove's API does not show the server's id to everybody, so only its database counts. */
function noServerYet({ evidence: { trove, nova } }: Facts): Proof | undefined {
  const { instance } = trove ?? {}
  if (trove?.from !== 'database' || instance?.task !== BUILDING || instance.compute_instance_id || nova?.server) return undefined
  return { source: 'trove', where: 'instances', text: `task ${instance.task_text ?? 'BUILDING'}, no compute_instance_id` }
}

function nobodyConsumes({ evidence }: Facts): Proof | undefined {
  const queue = evidence.broker?.queues['taskmanager']
  if (queue === undefined || (queue.present && queue.consumers !== 0)) return undefined
  return { source: 'broker', where: 'queue taskmanager', text: queue.present ? `messages ${queue.messages ?? '?'}, consumers 0` : 'there is no such queue' }
}

function ordersWait({ evidence, said }: Facts): boolean {
  const { queues } = evidence.broker!
  return (queues['taskmanager']?.messages ?? 0) > 0 && queues[`guestagent.${evidence.instance}`]?.present !== true && said.length === 0
}
