import { isTrue, type OsloConfig } from '../../contract/oslo-config.ts'
import { Secret } from '../../contract/secret.ts'
import { formatTransportUrl, type TransportHost } from '../../contract/transport-url.ts'
import type { Finding } from './finding.ts'
import { RABBIT, removedOptions } from './removed-options.ts'

/**
 * Turns a configuration of before 2018 into today's: the old options become comments and, where there is no transport_url yet,
 * one is made of them. Changes `guest`.
 */
export function convertRemovedOptions(guest: OsloConfig): Finding[] {
  const removed = removedOptions(guest)
  if (removed.length === 0) return []
  const had = guest.get('DEFAULT', 'transport_url') !== undefined
  const url = had ? undefined : oldTransport(guest)
  if (url !== undefined) guest.set('DEFAULT', 'transport_url', url.reveal())
  const ssl = guest.get('DEFAULT', 'rabbit_use_ssl')
  if (ssl !== undefined && guest.get(RABBIT, 'ssl') === undefined && guest.get(RABBIT, 'rabbit_use_ssl') === undefined) {
    guest.set(RABBIT, 'ssl', String(isTrue(ssl)))
  }
  const where = had || url !== undefined ? 'transport_url stands for it' : 'transport_url is missing'
  return removed.map(({ section, option }) => {
    const secret = option === 'rabbit_password'
    const was = secret ? '' : ` = ${guest.get(section, option)}`
    guest.drop(section, option, `${option}${was} (removed from oslo.messaging in 2018; ${option === 'rabbit_use_ssl' ? 'ssl' : where})`)
    const done =
      option === 'rabbit_use_ssl' ? 'served as ssl in [oslo_messaging_rabbit]'
      : url !== undefined ? 'served as part of a transport_url made of the old options'
      : had ? 'served as a comment; transport_url counts'
      : 'served as a comment'
    return {
      level: 'warning',
      section,
      option,
      message: `expected transport_url, got ${option}, which oslo.messaging removed in 2018 and ignores; ${done}`,
      mend: `remove ${option} from [${section}]; transport_url = rabbit://USER:PASSWORD@HOST:5672/VHOST in [DEFAULT] takes its place`,
    }
  })
}

/** @returns undefined when the old options name no RabbitMQ: another backend, or no host (their default was localhost) */
function oldTransport(guest: OsloConfig): Secret | undefined {
  // The section won over [DEFAULT], its older place.
  const old = (option: string) => plain(guest.get(RABBIT, option) ?? guest.get('DEFAULT', option)) || undefined
  if (!/^$|rabbit|kombu/i.test(old('rpc_backend') ?? '')) return undefined
  const port = Number(old('rabbit_port') ?? 5672)
  const listed = (old('rabbit_hosts') ?? old('rabbit_host') ?? '').split(',').map((host) => host.trim())
  const hosts: TransportHost[] = listed.flatMap((text) => {
    const [, bracketed, name, own] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(text) ?? []
    const host = bracketed ?? name ?? (text.split(':').length > 2 ? text : undefined)
    if (host === undefined) return []
    return { host, port: own === undefined ? port : Number(own), user: old('rabbit_userid') ?? 'guest', password: new Secret(old('rabbit_password') ?? 'guest') }
  })
  if (hosts.length === 0) return undefined
  return formatTransportUrl({ driver: 'rabbit', hosts, vhost: old('rabbit_virtual_host') ?? '/' })
}

/** oslo.config writes a dollar sign as $$ or \$. */
function plain(value: string | undefined): string | undefined {
  return value?.replace(/\$\$|\\\$/g, '$')
}
