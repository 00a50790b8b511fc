import type { Cause, Step } from '../cause.ts'
import type { Facts } from '../facts.ts'
import { refused } from './amqp-target.ts'

export const brokerBlocks: Cause = {
  id: 'G11',
  name: 'rabbitmq-alarm',
  title: 'RabbitMQ has a memory or disk alarm and takes nothing from publishers',
  phase: 'reach-rabbitmq',
  shows: 'reach-rabbitmq fails with AMQP_BLOCKED; the agent logs "The broker has blocked the connection"',
  needs: ['console', 'record', 'broker', 'guest'],
  symptomOf: ['F9'],
  mend: 'free disk or memory of RabbitMQ; rabbitmqctl status names the alarm',
  find(facts) {
    const who = refused(facts, ['AMQP_BLOCKED'], /The broker has blocked the connection/)
    const alarms = facts.healthy === true ? [] : (facts.evidence.broker?.inside?.alarms ?? [])
    if (who === undefined && alarms.length === 0) return undefined
    const alarm = alarms[0] ?? facts.failing?.details['alarm']
    return {
      what: `RabbitMQ blocks publishers${alarm === undefined ? '' : ` (${alarm})`}`,
      proof: [...(who?.proof ?? []), ...(alarms.length > 0 ? [{ source: 'broker' as const, where: 'RabbitMQ', text: `alarms: ${alarms.join(', ')}` }] : [])],
      mend: mend(facts, alarm ?? ''),
    }
  },
}

function mend(facts: Facts, alarm: string): Step[] {
  const look: Step = { on: 'host', say: 'this counts until RabbitMQ starts anew; what fills it: rabbitmqctl list_queues name messages memory' }
  if (/disk/.test(alarm)) return [{ on: 'host', say: 'free some space where RabbitMQ keeps its data (df -h /var/lib/rabbitmq), or lower its limit:' }, { on: 'host', run: 'rabbitmqctl set_disk_free_limit 50MB' }, look]
  if (/memory/.test(alarm) || facts.evidence.broker?.inside) return [{ on: 'host', run: 'rabbitmqctl set_vm_memory_high_watermark 0.6' }, look]
  return [{ on: 'host', run: 'rabbitmqctl status' }, { on: 'host', say: 'free what its alarm names: memory (rabbitmqctl set_vm_memory_high_watermark 0.6) or disk (rabbitmqctl set_disk_free_limit 50MB)' }]
}
