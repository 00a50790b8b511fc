import type { AmqpTarget } from '../../amqp/target.ts'
import type { Secret } from '../../contract/secret.ts'
import { TransportUrlError } from '../../contract/transport-url.ts'
import { readTransportUrl } from '../../host-server/guest-config/check-transport-url.ts'

/** Milliseconds for each step. */
const TIMEOUT = 5_000

/** The hosts of Trove's own transport_url. @returns why there is none that can be asked, in a few words */
export function brokerTargets(transportUrl: Secret, tls: AmqpTarget['tls']): AmqpTarget[] | string {
  const url = readTransportUrl(transportUrl.reveal())
  if (url instanceof TransportUrlError) return `transport_url of trove.conf cannot be read: ${url.message}`
  if (!['rabbit', 'kombu', 'amqp'].includes(url.driver)) return `expected RabbitMQ in transport_url of trove.conf, got ${url.driver}`
  return url.hosts.map((host) => ({ ...host, vhost: url.vhost, ...(tls === undefined ? {} : { tls }), name: `trovestrap delete ${process.pid}`, timeout: TIMEOUT }))
}
