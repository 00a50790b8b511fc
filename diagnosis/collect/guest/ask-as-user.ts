// What the debug user can ask without sudo, which takes its time on a slow guest: so both go on side by side.
// A process costs some 40 ms there, hence as few as possible: one call for many units, one for many files.
import { FOREIGN_AGENT_UNITS, UNITS } from '../../../contract/paths.ts'
import { PRELUDE } from './sections.ts'

export const ENGINE_UNITS = ['docker.service', 'docker.socket', 'trove-image-loader.service', 'docker-hostnic.service'] as const
export const BOOT_UNITS = [
  'cloud-init-local.service',
  'cloud-init.service',
  'cloud-init-main.service',
  'cloud-init-network.service',
  'cloud-config.service',
  'cloud-final.service',
  'networking.service',
  'systemd-networkd-wait-online.service',
] as const
export const AGENT_UNITS = [UNITS.agent, ...FOREIGN_AGENT_UNITS] as const

const SHOWN = 'Id,LoadState,ActiveState,SubState,Result,ExecMainStatus,ExecMainCode,NRestarts,UnitFileState'

/** For `/bin/sh -s BOUNDARY`. */
export const USER_SCRIPT = `${PRELUDE}
main() {
  exec 2>/dev/null
  part clock; date +%s.%N
  part uptime; read -r up rest </proc/uptime; echo "$up"
  part units; timeout 4 systemctl show --no-pager -p ${SHOWN} ${[UNITS.guest, ...AGENT_UNITS, ...ENGINE_UNITS, ...BOOT_UNITS].join(' ')}
  part addresses; ip addr
  part routes; ip route
  part texts; head -v -c 60000 /proc/meminfo /etc/resolv.conf /etc/passwd /run/cloud-init/status.json /var/lib/cloud/data/instance-id
  part devices; for one in /sys/class/block/*; do echo "/dev/\${one##*/}"; done
  part python; readlink -f /usr/bin/python3
  part disks; timeout 3 df -PB1
  part end
}
main "$@" </dev/null
`

export function userCommand(boundary: string): string {
  return `exec /bin/sh -s -- ${boundary}`
}
