import { isTrue, type OsloConfig } from '../../contract/oslo-config.ts'
import { TransportUrlError } from '../../contract/transport-url.ts'
import { readTransportUrl } from './check-transport-url.ts'
import type { Finding } from './finding.ts'
import { RABBIT } from './removed-options.ts'

/** What must be the same in the guest and on the control plane, and what becomes of a guest where it is not. */
const BOOLEANS: readonly { section: string; names: readonly string[]; fallback: boolean; level: Finding['level']; why: string }[] = [
  { section: RABBIT, names: ['rabbit_quorum_queue'], fallback: false, level: 'error', why: 'RabbitMQ refuses the queue with 406 PRECONDITION_FAILED and the agent ends' },
  { section: RABBIT, names: ['rabbit_stream_fanout'], fallback: false, level: 'error', why: 'RabbitMQ refuses the fanout queue with 406 PRECONDITION_FAILED' },
  // A newer agent falls back to what RabbitMQ has; that of Zed ends.
  { section: RABBIT, names: ['amqp_durable_queues'], fallback: false, level: 'warning', why: 'RabbitMQ refuses exchange and queue with 406 PRECONDITION_FAILED; older agents end, newer ones give in' },
  // Reply and fanout queues carry random names, so the two sides seldom declare the same one.
  { section: RABBIT, names: ['rabbit_transient_quorum_queue'], fallback: false, level: 'warning', why: 'RabbitMQ may refuse a reply queue with 406 PRECONDITION_FAILED' },
  { section: 'DEFAULT', names: ['enable_secure_rpc_messaging'], fallback: true, level: 'error', why: 'one side encrypts and the other cannot read it: prepare fails or heartbeats are lost' },
]

/** @param trove trove.conf of the control plane */
export function compareWithTrove(guest: OsloConfig, trove: OsloConfig): Finding[] {
  return [...exchange(guest, trove), ...BOOLEANS.flatMap((option) => boolean(guest, trove, option)), ...broker(guest, trove)]
}

/** The guest still gets `prepare` (its queue is bound to both), but its heartbeats go to an exchange where nobody listens. */
function exchange(guest: OsloConfig, trove: OsloConfig): Finding[] {
  const of = (config: OsloConfig) => config.get('DEFAULT', 'control_exchange')
  const wanted = of(trove) ?? 'openstack'
  const came = of(guest) ?? 'openstack'
  if (wanted === came) return []
  const message = `expected ${wanted} as in trove.conf, got ${of(guest) === undefined ? 'nothing, which means openstack' : came}: heartbeats are lost without an error`
  return [{ level: 'error', section: 'DEFAULT', option: 'control_exchange', message, mend: `write control_exchange = ${wanted} in [DEFAULT]` }]
}

function boolean(guest: OsloConfig, trove: OsloConfig, { section, names, fallback, level, why }: (typeof BOOLEANS)[number]): Finding[] {
  const option = names[0]!
  const of = (config: OsloConfig) => names.map((name) => config.get(section, name)).find((value) => value !== undefined)
  const value = (config: OsloConfig) => (of(config) === undefined ? fallback : isTrue(of(config)))
  // Quorum queues are durable whatever amqp_durable_queues says.
  if (option === 'amqp_durable_queues' && [guest, trove].every((config) => isTrue(config.get(RABBIT, 'rabbit_quorum_queue')))) return []
  if (value(guest) === value(trove)) return []
  const unset = of(guest) === undefined ? ' (not set)' : ''
  const message = `expected ${value(trove)} as in trove.conf, got ${value(guest)}${unset}: ${why}`
  return [{ level, section, option, message, mend: `write ${option} = ${value(trove)} in [${section}]` }]
}

/** vhost, and TLS where both name the same port of the same host: such a port speaks one or the other. */
function broker(guest: OsloConfig, trove: OsloConfig): Finding[] {
  const [ours, theirs] = [guest, trove].map((config) => readTransportUrl(config.get('DEFAULT', 'transport_url') ?? ''))
  const found: Finding[] = []
  const comparable = ours && theirs && !(ours instanceof TransportUrlError) && !(theirs instanceof TransportUrlError)
  if (comparable && ours.vhost !== theirs.vhost) {
    const message = `expected the vhost ${theirs.vhost} as in trove.conf, got ${ours.vhost}: guest and control plane never meet`
    found.push({ level: 'error', section: 'DEFAULT', option: 'transport_url', message, mend: `end transport_url with /${theirs.vhost === '/' ? '' : encodeURIComponent(theirs.vhost)}` })
  }
  const tls = (config: OsloConfig) => isTrue(config.get(RABBIT, 'ssl') ?? config.get(RABBIT, 'rabbit_use_ssl'))
  if (tls(guest) !== tls(trove)) {
    const same = comparable && ours.hosts.some((a) => theirs.hosts.some((b) => a.host === b.host && a.port === b.port))
    const message = `expected ${tls(trove)} as in trove.conf, got ${tls(guest)}` + (same ? ': the same port cannot speak both' : '; right only when RabbitMQ has another port for guests')
    found.push({ level: same ? 'error' : 'warning', section: RABBIT, option: 'ssl', message, mend: `write ssl = ${tls(trove)} in [${RABBIT}]` })
  }
  return found
}
