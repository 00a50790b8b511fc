import { connect, type ChannelModel } from 'amqplib'
import { connectFault } from './connect-fault.ts'
import type { AmqpTarget } from './target.ts'
import { tlsOptions } from './tls-options.ts'

/**
 * Logs in as Trove's services and agents do.
 *
 * @throws Fault with the code of the step that failed: name, TCP, TLS, AMQP, login, vhost
 */
export async function logIn(target: AmqpTarget): Promise<ChannelModel> {
  try {
    const model = await connect(
      {
        protocol: target.tls ? 'amqps' : 'amqp',
        hostname: target.host,
        port: target.port,
        username: target.user,
        password: target.password.reveal(),
        // amqplib unescapes it.
        vhost: encodeURIComponent(target.vhost),
        // A look of a few seconds needs none.
        heartbeat: 0,
      },
      { ...tlsOptions(target), timeout: target.timeout, clientProperties: { connection_name: target.name } },
    )
    // A broken connection also fails the call that is under way, and that one is reported.
    model.on('error', () => {})
    return model
  } catch (error) {
    throw await connectFault(error as Error, target)
  }
}

/** `RabbitMQ 3.10.8` */
export function productOf(model: ChannelModel): string {
  const { product, version } = model.connection.serverProperties
  return `${product} ${version}`
}
