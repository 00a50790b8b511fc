import type { AmqpTarget } from '../../amqp/target.ts'
import { where } from '../../amqp/target-details.ts'
import type { Secret } from '../../contract/secret.ts'
import { TransportUrlError } from '../../contract/transport-url.ts'
import { readTransportUrl } from '../../host-server/guest-config/check-transport-url.ts'
import type { BrokerSeen } from '../evidence.ts'
import { askAsGuest, type GuestsAccess } from './broker/ask-as-guest.ts'
import { askOverAmqp, type AmqpAnswer } from './broker/ask-over-amqp.ts'
import { askInside, type InsideOptions } from './broker/ask-inside.ts'
import { isSameBroker } from './broker/is-same-broker.ts'
import { mergeQueues } from './broker/merge-queues.ts'
import { CannotSee, type Collector } from './collector.ts'

export interface BrokerOptions extends InsideOptions {
  /** As in trove.conf. */
  readonly transportUrl: Secret
  /** Contents of ssl_ca_file and the like; absent: plain TCP. */
  readonly tls?: AmqpTarget['tls']
  /** control_exchange of trove.conf; looked for beside `trove` and `openstack`. */
  readonly exchange?: string
  /** Tried too, as an agent would; absent: nobody does. */
  readonly guests?: GuestsAccess
}

/** Milliseconds for each step over AMQP; a silent port takes up to three of them. */
const PATIENCE = 1000
/** For rabbitmqctl or the management API. */
const INSIDE_MS = 3500
const CONNECTIONS = 500

/**
 * RabbitMQ with the eyes of Trove's services. Nothing is declared or changed: queues and exchanges are asked for passively. Whoever has it try
 * the guests' access declares a queue, which ends with its connection.
 * That it cannot be reached is something seen, with the code that a guest's daemon would give.
 */
export function brokerCollector(options: BrokerOptions): Collector<'broker'> {
  return {
    source: 'broker',
    deadline: 3900,
    async collect({ instance }, { partly, signal }) {
      const queues = [`guestagent.${instance}`, 'trove-conductor', 'taskmanager']
      const exchanges = [...new Set(['trove', 'openstack', ...(options.exchange === undefined ? [] : [options.exchange])])]
      const targets = targetsOf(options)
      // Stays open until rabbitmqctl has answered: that it lists this connection proves that both speak of the same broker.
      const over = Promise.withResolvers<void>()
      try {
        const [answer, inside, guests] = await Promise.all([
          firstAnswer(targets.map((target) => askOverAmqp(target, { queues, exchanges, until: over.promise })), partly),
          askInside(queues, options, AbortSignal.any([signal, AbortSignal.timeout(INSIDE_MS)]), partly),
          options.guests === undefined ? undefined : askAsGuest(options.guests, PATIENCE),
        ])
        const { target, fault, product } = answer
        const { host, port, vhost, user } = target
        const same = inside !== undefined && (await isSameBroker(inside, targets))
        if (inside && !same) partly(`${inside.from} on this host speaks of another broker than ${where(target)}`)
        for (const why of answer.unseen) partly(why)
        return {
          ...{ host, port, vhost, user, tls: target.tls !== undefined },
          ...(fault === undefined ? {} : { fault: { code: fault.code, message: fault.message } }),
          ...(product === undefined ? {} : { product }),
          queues: inside && same ? mergeQueues(answer.queues, queues, inside.queues, vhost) : answer.queues,
          exchanges: answer.exchanges,
          ...(guests === undefined ? {} : { guests }),
          ...(inside && same ? { inside: insideOf(inside.seen, vhost) } : {}),
        }
      } finally {
        over.resolve()
      }
    },
  }
}

function targetsOf({ transportUrl, tls }: BrokerOptions): AmqpTarget[] {
  const url = readTransportUrl(transportUrl.reveal())
  if (url instanceof TransportUrlError) throw new CannotSee(`transport_url of trove.conf cannot be read: ${url.message}`)
  if (!['rabbit', 'kombu', 'amqp'].includes(url.driver)) throw new CannotSee(`expected RabbitMQ in transport_url of trove.conf, got ${url.driver}`)
  return url.hosts.map((host, at) => ({
    ...host,
    vhost: url.vhost,
    ...(tls === undefined ? {} : { tls }),
    name: `trovestrap diagnose ${process.pid}.${at}`,
    timeout: PATIENCE,
  }))
}

/** Of the first host in the URL's order that answers; where none does, the fault that somebody has to mend, else the first. */
async function firstAnswer(asked: readonly Promise<AmqpAnswer>[], partly: (why: string) => void): Promise<AmqpAnswer> {
  const answers = await Promise.all(asked)
  const chosen = answers.find(({ fault }) => fault === undefined) ?? answers.find(({ fault }) => fault?.kind === 'operator') ?? answers[0]!
  for (const { target, fault } of answers) if (fault && target !== chosen.target) partly(`${where(target)}: ${fault.message}`)
  return chosen
}

/** Connections of Trove's own vhost first, where there are too many. */
function insideOf(seen: NonNullable<BrokerSeen['inside']>, vhost: string): NonNullable<BrokerSeen['inside']> {
  const near = seen.connections.filter((connection) => connection.vhost === vhost)
  const others = seen.connections.filter((connection) => connection.vhost !== vhost)
  return { ...seen, connections: [...near, ...others].slice(0, CONNECTIONS) }
}
