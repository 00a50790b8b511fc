import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Wanted } from './wanted.ts'

/** Where an administrator's own programs put theirs (systemd.unit(5), sysusers.d(5)); /etc stays for what the operator changes. */
export const PLACES = {
  units: '/usr/local/lib/systemd/system',
  sysusers: '/usr/local/lib/sysusers.d/trovestrap.conf',
  tmpfiles: '/usr/local/lib/tmpfiles.d/trovestrap.conf',
  command: '/usr/local/bin/trovestrap',
  config: '/etc/trovestrap/config.yaml',
  state: '/var/lib/trovestrap',
  record: '/var/lib/trovestrap-install.json',
} as const

export const HOST_UNIT = 'trovestrap-host.service'
/** Runs only once something was opened (ConditionPathExists), so it is enabled from the beginning. */
export const FIREWALL_UNIT = 'trovestrap-firewall.service'
export const UNITS = [HOST_UNIT, FIREWALL_UNIT] as const

/** As the files under systemd/ have them. */
const WRITTEN = { prefix: '/opt/trovestrap', user: 'trovestrap' }

/** Units, users, folders, and the command in PATH. @param root of this checkout */
export function systemFiles(root: string, { prefix, user }: { readonly prefix: string; readonly user: string }): Wanted[] {
  const text = (name: string): string => ours(readFileSync(join(root, 'systemd', name), 'utf8'), prefix, user)
  return [
    { path: PLACES.sysusers, mode: 0o644, content: text('trovestrap-host.sysusers') },
    { path: PLACES.tmpfiles, mode: 0o644, content: text('trovestrap-host.tmpfiles') },
    ...UNITS.map((name) => ({ path: join(PLACES.units, name), mode: 0o644, content: text(name) })),
    { path: PLACES.command, mode: 0o777, link: join(prefix, 'bin/trovestrap') },
  ]
}

/** With another prefix and user; both are names that systemd takes as they are. */
function ours(text: string, prefix: string, user: string): string {
  return text
    .replaceAll(`${WRITTEN.prefix}/bin/trovestrap`, `${prefix}/bin/trovestrap`)
    .replace(/^(User|Group)=trovestrap$/gm, `$1=${user}`)
    .replace(/^u trovestrap /m, `u ${user} `)
    .replace(/^(d \S+ \d+) (\S+) (\S+)/gm, (_line, begin: string, owner: string, group: string) => [begin, ...[owner, group].map((name) => (name === WRITTEN.user ? user : name))].join(' '))
}
