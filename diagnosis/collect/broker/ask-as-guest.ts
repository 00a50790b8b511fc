import { randomUUID } from 'node:crypto'
import type { Channel, ChannelModel } from 'amqplib'
import { logIn } from '../../../amqp/log-in.ts'
import { operationFault } from '../../../amqp/operation-fault.ts'
import type { AmqpTarget } from '../../../amqp/target.ts'
import { details } from '../../../amqp/target-details.ts'
import { Fault } from '../../../contract/fault.ts'
import type { BrokerSeen } from '../../evidence.ts'

type GuestsSeen = NonNullable<BrokerSeen['guests']>

/** How agents get at RabbitMQ, by their own configuration. */
export interface GuestsAccess {
  /** The hosts of their transport_url. */
  readonly hosts: readonly Pick<AmqpTarget, 'host' | 'port' | 'user' | 'password'>[]
  readonly vhost: string
  readonly tls?: AmqpTarget['tls']
  /** control_exchange, and how oslo.messaging declares it. */
  readonly exchange: string
  readonly durable: boolean
  readonly autoDelete: boolean
  /** What an address means from this host; see MachineOptions. */
  readonly aliases: Readonly<Record<string, string>>
}

/**
 * Does what an agent does: logs in, declares its exchange (where there is one already), a queue, binds it, publishes and reads. The queue has an
 * agent's name, is exclusive and ends with the connection; the message goes to it alone.
 * @param patience milliseconds for each step
 */
export async function askAsGuest(access: GuestsAccess, patience: number): Promise<GuestsSeen> {
  const { hosts, vhost, tls, aliases } = access
  const answers = await Promise.all(
    hosts.map(async ({ host, port, user, password }): Promise<GuestsSeen> => {
      const target: AmqpTarget = { host: aliases[host] ?? host, port, user, password, vhost, ...(tls === undefined ? {} : { tls }), name: `trovestrap doctor ${process.pid}`, timeout: patience }
      const fault = await tried(target, access)
      return { host, port, vhost, user, tls: tls !== undefined, ...(fault === undefined ? {} : { fault: { code: fault.code, message: fault.message } }) }
    }),
  )
  // oslo.messaging goes on to the next host where one does not answer.
  return answers.find(({ fault }) => fault === undefined) ?? answers[0]!
}

async function tried(target: AmqpTarget, { exchange, durable, autoDelete }: GuestsAccess): Promise<Fault | undefined> {
  let model: ChannelModel
  try {
    model = await logIn(target)
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  }
  let blocked = false
  model.on('blocked', () => (blocked = true))
  try {
    const isThere = await step(model, target, `exchange ${exchange}`, (channel) => channel.checkExchange(exchange)).then(() => true, isAbsent)
    if (isThere) await step(model, target, `exchange ${exchange}`, (channel) => channel.assertExchange(exchange, 'topic', { durable, autoDelete }))
    const queue = `guestagent.${randomUUID()}`
    await step(model, target, `queue ${queue}`, async (channel) => {
      await channel.assertQueue(queue, { exclusive: true, autoDelete: true, durable: false })
      if (!isThere) return
      await channel.bindQueue(queue, exchange, queue)
      channel.publish(exchange, queue, Buffer.alloc(0))
      // Comes after what was published, and wants the right to read.
      await channel.get(queue, { noAck: true })
    })
    return undefined
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return blocked ? new Fault('AMQP_BLOCKED', details(target), 'rabbitmqctl status shows the alarm', { cause: error }) : error
  } finally {
    await Promise.race([model.close(), silence(300)]).catch(() => {})
  }
}

/** On a channel of its own: RabbitMQ closes it with every refusal. @throws Fault with the code that a guest's daemon gives */
async function step(model: ChannelModel, target: AmqpTarget, on: string, act: (channel: Channel) => Promise<unknown>): Promise<void> {
  const asking = async (): Promise<void> => {
    const channel = await model.createChannel()
    const failed = Promise.withResolvers<never>()
    failed.promise.catch(() => {})
    channel.on('error', failed.reject)
    await Promise.race([act(channel), failed.promise])
    await channel.close()
  }
  const asked = asking()
  asked.catch(() => {})
  try {
    await Promise.race([asked, silence(target.timeout)])
  } catch (error) {
    throw operationFault(error as Error, on, target, undefined)
  }
}

function isAbsent(error: unknown): false {
  if (error instanceof Fault && error.details['reply'] === 404) return false
  throw error
}

async function silence(milliseconds: number): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>()
  setTimeout(() => reject(new Error('no answer in time')), milliseconds).unref()
  return await promise
}
