import type { BrokerSeen } from '../../evidence.ts'
import type { QueueInside } from './inside.ts'

/**
 * What AMQP says of a queue, with what only an administrator sees of it. Where AMQP was not let in, the administrator's view alone.
 * @param names that were asked for
 */
export function mergeQueues(seen: BrokerSeen['queues'], names: readonly string[], inside: readonly QueueInside[], vhost: string): BrokerSeen['queues'] {
  return Object.fromEntries(
    names.map((name) => {
      const found = inside.find((queue) => queue.vhost === vhost && queue.name === name)
      if (found === undefined) return [name, seen[name] ?? { present: false }]
      const { messages, consumers, durable, type, state } = found
      const details = {
        ...(durable === undefined ? {} : { durable }),
        ...(type === undefined ? {} : { type: type.replace(/^rabbit_|_queue$/g, '') }),
        ...(state === undefined ? {} : { state }),
      }
      return [name, { ...details, ...(seen[name] ?? { present: true, messages, consumers }) }]
    }),
  )
}
