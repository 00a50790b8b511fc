import { GUEST, UNITS } from '../../../contract/paths.ts'
import { AGENT_UNITS, BOOT_UNITS, ENGINE_UNITS } from './ask-as-user.ts'
import { ASK_ENGINE } from './ask-engine.ts'
import { PRELUDE } from './sections.ts'

export const WATCHED_FILES = [
  '/etc/trove/conf.d/guest_info.conf',
  '/etc/trove/conf.d/trove-guestagent.conf',
  GUEST.servedConfig,
  GUEST.controllerConf,
  '/etc/trove/eth1.json',
  '/etc/docker/daemon.json',
  '/run/docker.sock',
  '/opt/trove-guestagent/.guestagent.prepare.start',
  '/opt/trove-guestagent/.guestagent.prepare.end',
  '/home/ubuntu/trove-installed',
  GUEST.node,
  GUEST.ca,
  GUEST.config,
  GUEST.confDir,
  '/var/log/trove',
  '/etc/sudoers.d/trovestrap-agent',
  '/usr/bin/python3',
  '/usr/bin/rsync',
] as const

const JOURNAL = 'timeout 4 journalctl -b -q --no-pager -o json --output-fields=MESSAGE,UNIT,_SYSTEMD_UNIT,SYSLOG_IDENTIFIER,_PID'
const units = (names: readonly string[]) => names.map((name) => `-u ${name}`).join(' ')

/**
 * For `/bin/sh -s BOUNDARY`, as root where sudo allows it. What takes long goes to stderr, side by side with the rest on stdout.
 * The configuration comes first: whom the guest should reach stands in it, and that is tried while the rest is still read.
 */
export const ROOT_SCRIPT = `${PRELUDE}
main() {
  exec 3>&2 2>/dev/null
  part who; read -r up rest </proc/uptime; if [ -r /etc/shadow ]; then echo "root $up"; else echo "user $up"; fi
  part config; head -v -c 60000 /etc/guest_info ${GUEST.confDir}/*.conf
  part places; head -v -c 8000 ${GUEST.controllerConf} ${GUEST.runtime}/host.json ${GUEST.runtime}/identity.json ${GUEST.config}
  part unreadable; for one in ${GUEST.confDir} /etc/guest_info ${GUEST.confDir}/*.conf; do [ -e "$one" ] && [ ! -r "$one" ] && echo "$one"; done
  part files
  long >&3 &
  stat -L -c '%a|%U:%G|%s|%Y|%n' ${WATCHED_FILES.join(' ')} 2>&1
  part journal-daemon; ${JOURNAL} -n 80 ${units([UNITS.guest, UNITS.agentFailed, UNITS.renew])}
  part journal-agent; ${JOURNAL} -n 200 ${units(AGENT_UNITS)}
  part logs; tail -v -c 40000 /var/log/cloud-init-output.log /var/log/trove/*.log
  part cloud-init-log; tail -c 400000 /var/log/cloud-init.log | grep -aE 'WARNING|ERROR|CRITICAL|^[A-Za-z_.]+(Error|Exception|Failure)\\b' | tail -n 60
  part journal-boot; ${JOURNAL} -n 160 ${units([...ENGINE_UNITS, ...BOOT_UNITS])}
  part end
  wait
}
long() {
  part kernel; timeout 4 journalctl -b -q --no-pager -o short-iso -k -p warning -n 80
  user=trove
  while read -r line; do
    case $line in *'"user":'*) line=\${line#*'"user":'}; line=\${line#*'"'}; user=\${line%%'"'*};; esac
  done <${GUEST.config}
  case $user in *[!a-z0-9_-]*|'') user=trove;; esac
  part agent-sudo
  if [ -r /etc/shadow ]; then
    timeout 3 setpriv --reuid "$user" --regid "$user" --init-groups sudo -n /usr/bin/mount -V 2>&1 </dev/null
    echo "status $? $user"
  fi
${ASK_ENGINE}
  part end-aside
}
main "$@" </dev/null
`

/** Says when sudo was asked; the script then says when it began. */
export function rootCommand(boundary: string): string {
  return `exec /bin/sh -c 'read -r up rest </proc/uptime; echo "$up"; exec sudo -n /bin/sh -s -- "$1"' sh ${boundary}`
}
