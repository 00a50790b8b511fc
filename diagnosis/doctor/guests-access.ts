import { readFileSync } from 'node:fs'
import { isTrue, OsloConfig } from '../../contract/oslo-config.ts'
import type { Secret } from '../../contract/secret.ts'
import { formatTransportUrl } from '../../contract/transport-url.ts'
import { renderGuestConfig } from '../../host-server/guest-config/render.ts'
import type { GuestConfigSettings } from '../../host-server/settings.ts'
import type { GuestsAccess } from '../collect/broker/ask-as-guest.ts'
import { fileSeen, readConf, transportOf } from '../collect/machine/read-conf.ts'

const RABBIT = 'oslo_messaging_rabbit'

/** @returns how guests get at RabbitMQ, with their configuration as host-server serves it; or why that is not known */
export async function guestsAccess(path: string, settings: GuestConfigSettings | undefined, aliases: Readonly<Record<string, string>>): Promise<{ access: GuestsAccess; url: Secret } | string> {
  const config = await served(path, settings)
  if (typeof config === 'string') return config
  const url = transportOf(config)
  if (url === undefined) return `${path} has no transport_url that can be read`
  const tls = isTrue(config.get(RABBIT, 'ssl') ?? config.get(RABBIT, 'rabbit_use_ssl')) ? tlsOf(config) : undefined
  const quorum = isTrue(config.get(RABBIT, 'rabbit_quorum_queue'))
  return {
    url: formatTransportUrl(url),
    access: {
      hosts: url.hosts,
      vhost: url.vhost,
      ...(tls === undefined ? {} : { tls }),
      exchange: config.get('DEFAULT', 'control_exchange') ?? 'openstack',
      // Quorum queues always are (impl_rabbit).
      durable: quorum || isTrue(config.get(RABBIT, 'amqp_durable_queues') ?? config.get(RABBIT, 'rabbit_durable_queues')),
      autoDelete: isTrue(config.get(RABBIT, 'amqp_auto_delete')),
      aliases,
    },
  }
}

async function served(path: string, settings: GuestConfigSettings | undefined): Promise<OsloConfig | string> {
  const { file, config } = readConf(path)
  if (settings === undefined || config === undefined) return config ?? `${path}: ${file.why}`
  try {
    return OsloConfig.parse((await renderGuestConfig({ ...settings, path })).text, path)
  } catch (error) {
    return (error as Error).message
  }
}

/** The files have to be in the guest; where this host has them under the same names, they are looked at. Else the system's authorities count. */
function tlsOf(config: OsloConfig): NonNullable<GuestsAccess['tls']> {
  const contents = ([['ca', 'ssl_ca_file'], ['cert', 'ssl_cert_file'], ['key', 'ssl_key_file']] as const).flatMap(([part, option]) => {
    const path = config.get(RABBIT, option) ?? ''
    return path !== '' && fileSeen(path).readable ? [[part, readFileSync(path, 'utf8')] as const] : []
  })
  return Object.fromEntries(contents)
}
