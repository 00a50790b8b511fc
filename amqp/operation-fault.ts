import type { AmqpTarget } from './target.ts'
import { details, where } from './target-details.ts'
import { Fault } from '../contract/fault.ts'

/**
 * Turns the failure of a declaration, binding or question into a Fault.
 *
 * @param what was spoken about: `exchange trove`
 * @param alarm the broker's reason, when it has blocked the connection
 */
export function operationFault(error: Error, what: string, target: AmqpTarget, alarm: string | undefined): Fault {
  const reply = (error as { code?: unknown }).code
  const text = /"(.*)"/s.exec(error.message)?.[1] ?? error.message
  const all = { ...details(target), on: what, ...(typeof reply === 'number' ? { reply } : {}) }
  const options = { cause: error }
  if (alarm !== undefined) return new Fault('AMQP_BLOCKED', { ...details(target), alarm }, `rabbitmqctl status shows the alarm (${alarm})`, options)
  if (reply === 403) {
    const hint = `${text}; rabbitmqctl set_permissions -p ${target.vhost} ${target.user} '.*' '.*' '.*'`
    return new Fault('AMQP_PERMISSION', all, hint, options)
  }
  if (reply === 406 || reply === 405) {
    const code = what.startsWith('exchange') ? 'AMQP_EXCHANGE_DIFFERS' : 'AMQP_QUEUE_DIFFERS'
    return new Fault(code, all, `${text}; amqp_durable_queues and rabbit_quorum_queue have to be the same here and in trove.conf`, options)
  }
  return new Fault('AMQP_FAILED', all, `${where(target)}, ${what}: ${text}`, options)
}
