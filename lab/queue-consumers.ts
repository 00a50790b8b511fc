import { connect, type Channel } from 'amqplib'
import type { Secret } from '../contract/secret.ts'

const QUEUE_NOT_FOUND = 404

/**
 * How many consumers a queue has, asked by a passive declaration, which needs no management plugin.
 *
 * @param url `rabbit://user:password@host:port/vhost` as in transport_url
 * @returns undefined when there is no such queue
 */
export async function queueConsumers(url: Secret, queue: string): Promise<number | undefined> {
  return onChannel(url, async (channel) => {
    try {
      return (await channel.checkQueue(queue)).consumerCount
    } catch (error) {
      if ((error as { code?: number }).code === QUEUE_NOT_FOUND) return undefined
      throw error
    }
  })
}

/** Deletes a queue with what is in it; one that is not there is fine. */
export async function deleteQueue(url: Secret, queue: string): Promise<void> {
  await onChannel(url, async (channel) => void (await channel.deleteQueue(queue)))
}

async function onChannel<T>(url: Secret, ask: (channel: Channel) => Promise<T>): Promise<T> {
  const connection = await connect(url.reveal().replace(/^rabbit:/, 'amqp:'), { timeout: 5_000 })
  connection.on('error', () => {}) // the call that meets it rejects as well
  try {
    const channel = await connection.createChannel()
    channel.on('error', () => {})
    return await ask(channel)
  } finally {
    await connection.close().catch(() => {})
  }
}
