import type { Channel, ChannelModel } from 'amqplib'
import { logIn, productOf } from '../../../amqp/log-in.ts'
import type { AmqpTarget } from '../../../amqp/target.ts'
import { where } from '../../../amqp/target-details.ts'
import { Fault } from '../../../contract/fault.ts'
import type { BrokerSeen } from '../../evidence.ts'

export interface AmqpAnswer {
  readonly target: AmqpTarget
  readonly fault?: Fault
  readonly product?: string
  readonly queues: BrokerSeen['queues']
  readonly exchanges: BrokerSeen['exchanges']
  /** What was asked and not answered. */
  readonly unseen: readonly string[]
}

export interface AmqpQuestions {
  readonly queues: readonly string[]
  readonly exchanges: readonly string[]
  /** The connection is kept until then. */
  readonly until: Promise<void>
}

/** Asks by passive declarations, which change nothing. Never rejects for what the broker does: it is in the answer. */
export async function askOverAmqp(target: AmqpTarget, { queues, exchanges, until }: AmqpQuestions): Promise<AmqpAnswer> {
  let model: ChannelModel
  try {
    model = await logIn(target)
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return { target, fault: error, queues: {}, exchanges: {}, unseen: [] }
  }
  void until.then(() => model.close()).catch(() => {})
  const answer = { queues: {} as BrokerSeen['queues'], exchanges: {} as BrokerSeen['exchanges'], unseen: [] as string[] }
  const ask = async (what: string, question: (channel: Channel) => Promise<void>) => {
    try {
      await onItsOwnChannel(model, target.timeout, question)
    } catch (error) {
      answer.unseen.push(`${what} at ${where(target)}: ${reasonOf(error as Error)}`)
    }
  }
  await Promise.all([
    ...queues.map((name) => ask(`queue ${name}`, async (channel) => void (answer.queues[name] = await queueSeen(channel, name, target.timeout)))),
    ...exchanges.map((name) => ask(`exchange ${name}`, async (channel) => void (answer.exchanges[name] = await exchangeSeen(channel, name)))),
  ])
  return { target, product: productOf(model), ...answer }
}

async function queueSeen(channel: Channel, name: string, patience: number): Promise<BrokerSeen['queues'][string]> {
  const silent = Promise.withResolvers<'silent'>()
  const timer = setTimeout(() => silent.resolve('silent'), patience * 0.9)
  try {
    const found = await Promise.race([channel.checkQueue(name), silent.promise])
    // Its node is gone or hangs: other queues answer.
    if (found === 'silent') return { present: true, state: 'silent' }
    return { present: true, messages: found.messageCount, consumers: found.consumerCount }
  } catch (error) {
    const reason = reasonOf(error as Error)
    if (replyOf(error) === 404) return /is down or inaccessible|not available/.test(reason) ? { present: true, state: 'down' } : { present: false }
    // RESOURCE_LOCKED: somebody has it for himself alone.
    if (replyOf(error) === 405) return { present: true }
    throw error
  } finally {
    clearTimeout(timer)
  }
}

async function exchangeSeen(channel: Channel, name: string): Promise<boolean> {
  try {
    await channel.checkExchange(name)
    return true
  } catch (error) {
    if (replyOf(error) === 404) return false
    throw error
  }
}

/** RabbitMQ closes a channel with every refusal. */
async function onItsOwnChannel(model: ChannelModel, patience: number, question: (channel: Channel) => Promise<void>): Promise<void> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(`no answer within ${patience / 1000} s`)), patience)
  const asking = async () => {
    const channel = await model.createChannel()
    channel.on('error', () => {})
    await question(channel)
    await channel.close().catch(() => {})
  }
  const asked = asking()
  asked.catch(() => {}) // what still fails behind the time limit has nobody who listens
  await Promise.race([asked, late.promise]).finally(() => clearTimeout(timer))
}

const replyOf = (error: unknown): unknown => (error as { code?: unknown }).code

/** The broker's words, which amqplib puts into quotes. */
function reasonOf({ message }: Error): string {
  return /"(.*)"/s.exec(message)?.[1] ?? message
}
