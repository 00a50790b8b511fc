import { setTimeout as pause } from 'node:timers/promises'
import type { Channel, ChannelModel } from 'amqplib'
import { logIn } from '../../amqp/log-in.ts'
import type { AmqpTarget } from '../../amqp/target.ts'
import type { LeftOver, Search } from './left-over.ts'

/**
 * An instance's queues: nobody takes them away, and messages for an agent that is gone stay in them. They are asked for without declaring them.
 * Its fanout queue has a name that nobody can guess; it ends by itself (x-expires) half an hour after its agent, and its exchange with it.
 * @param targets hosts of the transport_url, in its order
 * @param mayRun whether an agent that listens may be running; RabbitMQ takes one for listening whose server was cut off, until its heartbeat has run out
 * @param lingers milliseconds for which a queue that is still listened to is waited for
 * @throws Fault where none answers
 */
export function leftInRabbitmq(targets: readonly AmqpTarget[], instance: string, mayRun: () => Promise<boolean>, lingers = LINGERS): Search {
  const [topic, own] = [`guestagent.${instance}`, `guestagent.${instance}.${instance}`]
  return async () =>
    await within(targets, async (model, { vhost }) => {
      const left: LeftOver[] = []
      for (const queue of [topic, own]) {
        const found = await onChannel(model, (channel) => channel.checkQueue(queue))
        if (found === undefined) continue
        const { messageCount: messages, consumerCount: consumers } = found
        left.push({
          what: `queue ${queue} (${messages} ${messages === 1 ? 'message' : 'messages'}, ${consumers === 0 ? 'no consumer' : 'an agent still listens'})`,
          command: `rabbitmqctl -p ${vhost} delete_queue ${queue}`,
          remove: () => within(targets, (again) => removeQueue(again, queue, mayRun, lingers)),
        })
      }
      return left
    })
}

/** An agent that runs keeps its queue: its server has to go first. */
async function removeQueue(model: ChannelModel, queue: string, mayRun: () => Promise<boolean>, lingers: number): Promise<void> {
  const until = performance.now() + lingers
  while (!(await removed(model, queue, { ifUnused: await mayRun() }))) {
    if (performance.now() > until) throw new Error('an agent still listens: its server runs')
    await pause(AGAIN)
  }
}

/** @returns false where somebody listens to it */
async function removed(model: ChannelModel, queue: string, how: { ifUnused: boolean }): Promise<boolean> {
  const channel = await model.createChannel()
  channel.on('error', () => {})
  try {
    await channel.deleteQueue(queue, how)
    await channel.close()
    return true
  } catch (error) {
    if ((error as { code?: unknown }).code === IN_USE) return false
    throw error
  }
}

/** Milliseconds. RabbitMQ gives a connection up after two heartbeats without a sign, and oslo.messaging asks for one a minute. */
const LINGERS = 200_000
const AGAIN = 2_000

const NOT_FOUND = 404
const IN_USE = 406

/** RabbitMQ closes a channel with every refusal. @returns undefined for what is not there */
async function onChannel<T>(model: ChannelModel, ask: (channel: Channel) => Promise<T>): Promise<T | undefined> {
  const channel = await model.createChannel()
  channel.on('error', () => {})
  try {
    const answer = await ask(channel)
    await channel.close()
    return answer
  } catch (error) {
    if ((error as { code?: unknown }).code === NOT_FOUND) return undefined
    throw error
  }
}

/** At the first host that lets us in. */
async function within<T>(targets: readonly AmqpTarget[], work: (model: ChannelModel, target: AmqpTarget) => Promise<T>): Promise<T> {
  let why: unknown = new Error('no host is known')
  for (const target of targets) {
    let model: ChannelModel
    try {
      model = await logIn(target)
    } catch (error) {
      why = error
      continue
    }
    try {
      return await work(model, target)
    } finally {
      await model.close().catch(() => {})
    }
  }
  throw why
}
