import { present } from '../../../openstack/present.ts'
import type { GuestSeen } from '../../evidence.ts'
import { clean } from '../../scrub-evidence.ts'
import { addressesOf } from './addresses.ts'
import { agentConfigOf } from './agent-config.ts'
import { cloudInitOf } from './cloud-init.ts'
import { containerLogOf, dockerOf } from './docker.ts'
import { filesOf } from './file-dump.ts'
import { journalsOf } from './journals.ts'
import { logsOf } from './logs.ts'
import type { LookResult } from './look.ts'
import { accountsOf, devicesOf, disksOf, memoryOf, nameserversOf, pythonOf } from './machine-facts.ts'
import { pathsOf, probesOf } from './reached.ts'
import { withoutValues, worthHiding } from './secret-options.ts'
import { linesOf } from './sections.ts'
import { filesSeen } from './stat-files.ts'
import { agentSudoOf } from './sudo.ts'
import { unseenOf } from './unseen.ts'
import { unitsOf } from './units.ts'

/** What the guest printed, as evidence. Pure. Whatever is missing or makes no sense is left out. */
export function guestSeen(via: string, looked: LookResult): GuestSeen {
  const { sections, sudo, clockOffset } = looked
  const unseen = unseenOf(looked)
  const texts = filesOf(sections.get('texts'))
  const { config, config_faults, transport, secrets } = agentConfigOf(sections.get('config'))
  const hidden = worthHiding(secrets)
  const quiet = (lines: readonly string[]) => lines.map((line) => clean(withoutValues(line, hidden), []))
  const eachQuiet = (logs: Record<string, string[]>) => Object.fromEntries(Object.entries(logs).map(([name, lines]) => [name, quiet(lines)]))
  const kernel = linesOf(sections.get('kernel'), 80)
  const inContainer = containerLogOf(sections)
  const uptime = Number(sections.get('uptime')?.trim() || NaN)
  const docker = dockerOf(sections)
  return {
    via,
    ...(unseen.length === 0 ? {} : { unseen }),
    ...present({ clock_offset: clockOffset, uptime: Number.isFinite(uptime) ? uptime : undefined, cloud_init: cloudInitOf(texts), transport, memory: memoryOf(texts.get('/proc/meminfo')) }),
    units: unitsOf(sections.get('units')),
    journals: eachQuiet({ ...journalsOf(sections.get('journal-daemon'), sections.get('journal-agent'), sections.get('journal-boot')), ...(kernel.length > 0 ? { kernel } : {}) }),
    logs: eachQuiet({ ...logsOf(sections), ...(inContainer.length > 0 ? { 'container database': inContainer } : {}) }),
    config: config.map((set) => ({ ...set, value: withoutValues(set.value, hidden) })),
    config_faults,
    files: filesSeen(sections.get('files')),
    addresses: addressesOf(sections.get('addresses')),
    routes: linesOf(sections.get('routes'), 200),
    paths: pathsOf(sections.get('paths')),
    probes: probesOf(sections.get('probes')),
    nameservers: nameserversOf(texts.get('/etc/resolv.conf')),
    disks: disksOf(sections.get('disks')),
    devices: devicesOf(sections.get('devices')),
    ...present({ sudo, agent_sudo: agentSudoOf(sections.get('agent-sudo')), python: pythonOf(sections.get('python')), docker }),
    accounts: accountsOf(texts.get('/etc/passwd')),
  }
}
