import { OsloConfig } from '../../../contract/oslo-config.ts'
import { parseTransportUrl, type TransportUrl } from '../../../contract/transport-url.ts'
import type { GuestSeen } from '../../evidence.ts'
import { filesOf } from './file-dump.ts'
import { isSecretOption, maskedValue } from './secret-options.ts'

export interface AgentConfigSeen extends Pick<GuestSeen, 'config' | 'config_faults'> {
  readonly transport?: GuestSeen['transport']
  /** By value; they stay here. */
  readonly secrets: readonly string[]
}

/** Drivers of oslo.messaging (its setup.cfg, oslo.messaging.drivers). */
const DRIVERS = ['rabbit', 'amqp', 'kombu', 'kafka', 'fake']
/** Options of all files; a guest that has more has them for no agent. */
const MOST = 1000

/** The agent's configuration: /etc/guest_info, then the folder's files in the order in which oslo.config reads them, by name. */
export function agentConfigOf(dump: string | undefined): AgentConfigSeen {
  const config: GuestSeen['config'] = []
  const config_faults: GuestSeen['config_faults'] = []
  const secrets = new Set<string>()
  let url: { value: string; file: string } | undefined
  let left = MOST
  for (const [file, text] of [...filesOf(dump)].toSorted(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1))) {
    const read = parse(text, file, config_faults)
    for (const { section, option, value } of read === undefined ? [] : optionsOf(read)) {
      if (left-- <= 0) break
      if (isSecretOption(option)) secrets.add(value)
      if (section === 'DEFAULT' && option === 'transport_url') url = { value, file }
      config.push({ section, option, value: maskedValue(option, value), file })
    }
  }
  const parsed = url === undefined ? undefined : parseUrl(url.value, url.file, config_faults)
  for (const { password } of parsed?.hosts ?? []) secrets.add(password.reveal())
  return { config, config_faults, secrets: [...secrets], ...(parsed === undefined ? {} : { transport: transportOf(parsed, url!.file) }) }
}

function rank(file: string): number {
  return file === '/etc/guest_info' ? 0 : 1
}

function parse(text: string, file: string, faults: GuestSeen['config_faults']): OsloConfig | undefined {
  try {
    return OsloConfig.parse(text, file)
  } catch (error) {
    faults.push({ file, why: (error as Error).message.slice(0, 500) })
    return undefined
  }
}

function optionsOf(file: OsloConfig): { section: string; option: string; value: string }[] {
  return file.options().map(({ section, key, value }) => ({ section: section.slice(0, 200), option: key.slice(0, 200), value }))
}

function parseUrl(value: string, file: string, faults: GuestSeen['config_faults']): TransportUrl | undefined {
  try {
    const url = parseTransportUrl(value)
    if (!DRIVERS.includes(url.driver)) faults.push({ file, why: `transport_url: oslo.messaging has no driver ${JSON.stringify(url.driver.slice(0, 40))}` })
    return url
  } catch (error) {
    faults.push({ file, why: `transport_url: ${(error as Error).message.slice(0, 500)}` })
    return undefined
  }
}

function transportOf({ hosts, vhost }: TransportUrl, file: string): GuestSeen['transport'] {
  return { hosts: hosts.slice(0, 20).map(({ host, port, user }) => ({ host, port, user })), vhost, file }
}
