import { createHash } from 'node:crypto'
import type { AmqpTarget } from '../../amqp/target.ts'
import { isTrue } from '../../contract/oslo-config.ts'
import { Fault } from '../../contract/fault.ts'
import { parseTransportUrl, type TransportUrl } from '../../contract/transport-url.ts'
import type { Details } from '../../contract/report.ts'
import { fileOf, type AgentConfig } from '../agent-config.ts'
import type { Files } from '../system.ts'

/** What the agent will ask of RabbitMQ, as oslo.messaging reads it from its configuration. */
export interface AgentMessaging {
  readonly targets: readonly AmqpTarget[]
  readonly exchange: string
  /** The queue of Trove's calls to this guest. */
  readonly queue: string
  readonly durable: boolean
  readonly autoDelete: boolean
  readonly queueArguments: Record<string, unknown>
  /** Which file transport_url comes from; see `fileOf`. */
  readonly from: Details
  /** Changes with all that is asked of RabbitMQ, the password too. */
  readonly digest: string
}

const SECTION = 'oslo_messaging_rabbit'
/** Milliseconds for each step to one host; the agent itself gives up after 5 s. */
const PATIENCE = 5000

/** @throws Fault TRANSPORT_URL_MISSING, TRANSPORT_URL_INVALID, AMQP_CA_MISSING */
export function agentMessaging(config: AgentConfig, files: Files, instance: string): AgentMessaging {
  const text = config.get('DEFAULT', 'transport_url')
  const from = fileOf(config.origin('DEFAULT', 'transport_url'))
  if (text === undefined || text.trim() === '') {
    throw new Fault('TRANSPORT_URL_MISSING', from, "set transport_url under [DEFAULT] in the host's trove-guestagent.conf")
  }
  const url = parsed(text, from)
  const tls = tlsFiles(config, files)
  const quorum = isTrue(config.get(SECTION, 'rabbit_quorum_queue'))
  return {
    targets: url.hosts.map((host) => ({
      ...host,
      vhost: url.vhost,
      ...(tls ? { tls } : {}),
      name: `trovestrap guest ${instance}`,
      timeout: PATIENCE,
    })),
    // Trove sets no default of its own, so oslo.messaging's counts.
    exchange: config.get('DEFAULT', 'control_exchange') ?? 'openstack',
    queue: `guestagent.${instance}`,
    // AMQPConnection.durable in impl_rabbit: quorum queues always are.
    durable: quorum || isTrue(config.get(SECTION, 'amqp_durable_queues') ?? config.get(SECTION, 'rabbit_durable_queues')),
    autoDelete: isTrue(config.get(SECTION, 'amqp_auto_delete')),
    queueArguments: queueArguments(config, quorum),
    from,
    digest: createHash('sha256').update(JSON.stringify([text, instance, tls, SETTINGS.map((name) => config.get(SECTION, name)), config.get('DEFAULT', 'control_exchange')])).digest('hex'),
  }
}

const SETTINGS = [
  'amqp_durable_queues',
  'rabbit_durable_queues',
  'amqp_auto_delete',
  'rabbit_quorum_queue',
  'rabbit_ha_queues',
  'rabbit_quorum_delivery_limit',
  'rabbit_quorum_max_memory_length',
  'rabbit_quorum_max_memory_bytes',
]

/** impl_rabbit._get_queue_arguments, for a queue that is neither a fanout nor a reply queue. */
function queueArguments(config: AgentConfig, quorum: boolean): Record<string, unknown> {
  if (!quorum) return isTrue(config.get(SECTION, 'rabbit_ha_queues')) ? { 'x-ha-policy': 'all' } : {}
  const limits: Record<string, string> = {
    'x-delivery-limit': 'rabbit_quorum_delivery_limit',
    'x-max-in-memory-length': 'rabbit_quorum_max_memory_length',
    'x-max-in-memory-bytes': 'rabbit_quorum_max_memory_bytes',
  }
  const set = Object.entries(limits).flatMap(([argument, option]) => {
    const value = Number(config.get(SECTION, option) ?? 0)
    return value > 0 ? [[argument, value] as const] : []
  })
  return { 'x-queue-type': 'quorum', ...Object.fromEntries(set) }
}

function tlsFiles(config: AgentConfig, files: Files): AmqpTarget['tls'] {
  if (!isTrue(config.get(SECTION, 'ssl') ?? config.get(SECTION, 'rabbit_use_ssl'))) return undefined
  const read = (option: string, older: string): string | undefined => {
    const name = config.get(SECTION, option) === undefined ? older : option
    const path = config.get(SECTION, name)?.trim() ?? ''
    if (path === '') return undefined
    const text = path.startsWith('/') ? files.text(path) : undefined
    if (text === undefined) throw new Fault('AMQP_CA_MISSING', { option, path, ...fileOf(config.origin(SECTION, name)) }, `${option} = ${path}: there is no such file in this guest`)
    return text
  }
  const ca = read('ssl_ca_file', 'kombu_ssl_ca_certs')
  const cert = read('ssl_cert_file', 'kombu_ssl_certfile')
  const key = read('ssl_key_file', 'kombu_ssl_keyfile')
  return { ...(ca === undefined ? {} : { ca }), ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }) }
}

function parsed(text: string, from: Details): TransportUrl {
  let url: TransportUrl
  try {
    url = parseTransportUrl(text)
  } catch (error) {
    throw new Fault('TRANSPORT_URL_INVALID', from, (error as Error).message, { cause: error })
  }
  if (!['rabbit', 'amqp', 'kombu', 'kombu+rabbit', 'kombu+amqp'].includes(url.driver)) {
    throw new Fault('TRANSPORT_URL_INVALID', { driver: url.driver, ...from }, `expected rabbit://…, got ${url.driver}://…`)
  }
  return url
}
