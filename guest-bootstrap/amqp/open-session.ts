import type { Channel, ChannelModel } from 'amqplib'
import { logIn, productOf } from '../../amqp/log-in.ts'
import { operationFault } from '../../amqp/operation-fault.ts'
import type { AmqpTarget } from '../../amqp/target.ts'
import { Fault } from '../../contract/fault.ts'
import type { AmqpSession } from '../system.ts'

/**
 * Logs in as the Trove agent would.
 *
 * @throws Fault with the code of the step that failed: name, TCP, TLS, AMQP, login, vhost
 */
export async function openSession(target: AmqpTarget): Promise<AmqpSession> {
  return session(await logIn(target), target)
}

function session(model: ChannelModel, target: AmqpTarget): AmqpSession {
  let alarm: string | undefined
  model.on('blocked', (reason: string) => (alarm = reason))

  /** A channel of its own for each question: RabbitMQ closes the channel with every refusal. */
  async function ask<T>(what: string, question: (channel: Channel) => Promise<T>): Promise<T> {
    try {
      return await within(target.timeout, async () => {
        const channel = await model.createChannel()
        channel.on('error', () => {})
        const answer = await question(channel)
        await channel.close()
        return answer
      })
    } catch (error) {
      throw operationFault(error as Error, what, target, alarm)
    }
  }

  return {
    product: productOf(model),
    declareExchange: (name, { durable, autoDelete }) =>
      ask(`exchange ${name}`, async (channel) => void (await channel.assertExchange(name, 'topic', { durable, autoDelete }))),
    declareQueue: (name, options) => ask(`queue ${name}`, async (channel) => void (await channel.assertQueue(name, options))),
    bindQueue: (queue, exchange, key) => ask(`queue ${queue}`, async (channel) => void (await channel.bindQueue(queue, exchange, key))),
    async consumers(queue) {
      try {
        return await ask(`queue ${queue}`, async (channel) => (await channel.checkQueue(queue)).consumerCount)
      } catch (error) {
        if (error instanceof Fault && error.details['reply'] === 404) return undefined
        throw error
      }
    },
    async checkAlarm() {
      // Only after something was published does RabbitMQ say `connection.blocked`, and then it reads no further: so the next
      // question stays without an answer. The default exchange drops what no queue is named for.
      const channel = await model.createChannel()
      channel.on('error', () => {})
      channel.publish('', 'trovestrap.alarm', Buffer.alloc(0))
      await ask('the broker', async (other) => void (await other.checkExchange('amq.direct')))
    },
    close: () => within(1000, () => model.close()).catch(() => {}),
  }
}

function within<T>(milliseconds: number, act: () => Promise<T>): Promise<T> {
  const limit = Promise.withResolvers<never>()
  const timer = setTimeout(() => limit.reject(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })), milliseconds)
  return Promise.race([act(), limit.promise]).finally(() => clearTimeout(timer))
}
