import type { OsloConfig } from '../../contract/oslo-config.ts'
import type { Finding } from './finding.ts'

/** oslo.messaging b0d3bfce (2018) took them away without a word at run time: who sets them dials guest@localhost. */
const NAMES = ['rabbit_host', 'rabbit_hosts', 'rabbit_port', 'rabbit_userid', 'rabbit_password', 'rabbit_virtual_host', 'rpc_backend'] as const
export const RABBIT = 'oslo_messaging_rabbit'

/** Where one of them is set. `rabbit_use_ssl` lives on as another name of `ssl`, but only in its own section. */
export function removedOptions(guest: OsloConfig): { section: string; option: string }[] {
  const everywhere = ['DEFAULT', RABBIT].flatMap((section) => NAMES.map((option) => ({ section, option: option as string })))
  return [...everywhere, { section: 'DEFAULT', option: 'rabbit_use_ssl' }].filter(({ section, option }) => guest.get(section, option) !== undefined)
}

export function findRemovedOptions(guest: OsloConfig): Finding[] {
  return removedOptions(guest).map(({ section, option }) => ({
    level: 'warning',
    section,
    option,
    message: `expected transport_url, got ${option}, which oslo.messaging removed in 2018 and ignores`,
    mend: `remove ${option} from [${section}]; transport_url = rabbit://USER:PASSWORD@HOST:5672/VHOST in [DEFAULT] takes its place`,
  }))
}
