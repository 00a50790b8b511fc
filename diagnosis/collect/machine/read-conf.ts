import { accessSync, constants, readFileSync, statSync } from 'node:fs'
import { isTrue, OsloConfig } from '../../../contract/oslo-config.ts'
import { TransportUrlError, type TransportUrl } from '../../../contract/transport-url.ts'
import { readTransportUrl } from '../../../host-server/guest-config/check-transport-url.ts'
import type { MachineSeen } from '../../evidence.ts'
import { systemReason } from '../../system-reason.ts'

type FileSeen = NonNullable<NonNullable<MachineSeen['trove_conf']>['guest_config']>
type TransportSeen = NonNullable<NonNullable<MachineSeen['trove_conf']>['transport']>

const LARGEST = 4 * 1024 * 1024

/** A file in oslo.config's form, or why it cannot be had. */
export interface Conf {
  readonly file: FileSeen
  readonly config?: OsloConfig
}

export function readConf(path: string): Conf {
  const file = fileSeen(path)
  if (!file.readable) return { file }
  try {
    return { file, config: OsloConfig.parse(readFileSync(path, 'utf8'), path) }
  } catch (error) {
    return { file: { ...file, why: systemReason(error) } }
  }
}

export function fileSeen(path: string): FileSeen {
  try {
    accessSync(path, constants.R_OK)
    const { size } = plainFile(path)
    return size > LARGEST ? { path, readable: false, why: `larger than ${LARGEST} bytes` } : { path, readable: true }
  } catch (error) {
    return { path, readable: false, why: systemReason(error) }
  }
}

/** A pipe would keep its reader waiting for ever. */
export function plainFile(path: string): { size: number } {
  const stat = statSync(path)
  if (!stat.isFile()) throw new Error('not a file')
  return stat
}

/** transport_url taken apart; undefined where there is none, or none that can be read. */
export function transportOf(config: OsloConfig): TransportUrl | undefined {
  const text = config.get('DEFAULT', 'transport_url')
  const url = text === undefined || text.trim() === '' ? undefined : readTransportUrl(text)
  return url instanceof TransportUrlError ? undefined : url
}

/** The same without passwords. */
export function transportSeen(config: OsloConfig): TransportSeen | undefined {
  const url = transportOf(config)
  if (url === undefined) return undefined
  const tls = isTrue(config.get('oslo_messaging_rabbit', 'ssl') ?? config.get('oslo_messaging_rabbit', 'rabbit_use_ssl'))
  return { hosts: url.hosts.map(({ host, port, user }) => ({ host, port, user })), vhost: url.vhost, tls }
}

/** Options that are set, as `section.option`; those of [DEFAULT] and [oslo_messaging_rabbit] by their name alone too. */
export function optionsSeen(config: OsloConfig, wanted: Readonly<Record<string, readonly string[]>>): Record<string, string> {
  const found = Object.entries(wanted).flatMap(([section, names]) =>
    names.flatMap((name) => {
      const value = config.get(section, name)
      if (value === undefined) return []
      const short = section === 'DEFAULT' || section === 'oslo_messaging_rabbit' ? [[name, value] as const] : []
      return [...short, [`${section}.${name}`, value] as const]
    }),
  )
  return Object.fromEntries(found)
}

/** What guest and control plane have to have in common. */
export const MESSAGING = ['amqp_durable_queues', 'amqp_auto_delete', 'rabbit_quorum_queue', 'rabbit_transient_quorum_queue', 'rabbit_stream_fanout', 'rabbit_ha_queues', 'ssl', 'ssl_ca_file'] as const
