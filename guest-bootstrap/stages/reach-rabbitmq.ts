import { agentConfig } from '../agent-config.ts'
import { warmUp } from '../agent/warm-up.ts'
import { agentMessaging, type AgentMessaging } from '../amqp/agent-messaging.ts'
import { firstReachable, named } from '../amqp/first-reachable.ts'
import { instanceId } from '../host.ts'
import { MEMORY, recall, remember } from '../memory.ts'
import type { Stage } from '../stage.ts'
import type { System } from '../system.ts'

/** Does with amqplib what the agent will do with kombu, because the agent says neither host nor port of what it cannot reach. */
export const reachRabbitmq: Stage = {
  name: 'reach-rabbitmq',
  purpose: "log in to RabbitMQ and declare the agent's queue, with the agent's own options",
  // The agent's own start takes most of the half minute in which a guest goes on after its broker is back.
  pace: { passing: 3, operator: 15 },

  async done(system) {
    const reached = recall(system.files, MEMORY.reached)
    return reached !== undefined && reached.digest === messagingOf(system).digest
  },

  async run(system) {
    const messaging = messagingOf(system)
    const { value: product, target, faults } = await firstReachable(system, messaging, async (session) => {
      const { exchange, queue, durable, autoDelete, queueArguments } = messaging
      await session.declareExchange(exchange, { durable, autoDelete })
      await session.declareQueue(queue, { durable, autoDelete, arguments: queueArguments })
      await session.bindQueue(queue, exchange, queue)
      await session.checkAlarm()
      return session.product
    })
    remember(system.files, MEMORY.reached, { digest: messaging.digest })
    return `${named(target, product, faults)} vhost ${target.vhost} user ${target.user} exchange ${messaging.exchange}`
  },

  meanwhile: warmUp,
}

/** What the agent will ask of RabbitMQ. @throws Fault */
export function messagingOf(system: System): AgentMessaging {
  return agentMessaging(agentConfig(system.files), system.files, instanceId(system))
}
