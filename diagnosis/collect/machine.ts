import { statfs } from 'node:fs/promises'
import type { Settings } from '../../host-server/settings.ts'
import type { MachineSeen } from '../evidence.ts'
import type { Collector } from './collector.ts'
import { forwardPolicy } from './machine/forward-policy.ts'
import { guestConfigSeen } from './machine/guest-config-seen.ts'
import { hostSeen } from './machine/host-seen.ts'
import { hostServerSeen } from './machine/host-server-seen.ts'
import { listening } from './machine/listening.ts'
import { ownAddresses } from './machine/own-addresses.ts'
import { reach } from './machine/reach.ts'
import { readConf } from './machine/read-conf.ts'
import { troveConfSeen } from './machine/trove-conf-seen.ts'

export interface MachineOptions {
  /** config.yaml of host-server; absent: there is none here. */
  readonly settingsFile?: string
  /** Absent: what config.yaml says, else Trove's usual place. */
  readonly troveConf?: string
  /** Absent: what config.yaml says, else what trove.conf says, else Trove's usual place. */
  readonly guestConfig?: string
  /** Of the instance, where it is known: only its cloud-init template is looked at. */
  readonly datastore?: string
  /** Addresses that mean another one from here: `10.0.2.2` of QEMU's user network is this host's own 127.0.0.1. */
  readonly aliases?: Readonly<Record<string, string>>
  /** Looks at all that a bring-up needs of this host, not only at what keeps one instance from it. */
  readonly wholeHost?: { readonly address?: string; readonly guests?: string }
}

const TROVE_CONF = '/etc/trove/trove.conf'
const GUEST_CONFIG = '/etc/trove/trove-guestagent.conf'

/** This host: its ports, host-server's configuration, and what Trove and guests are configured with. Reads only. */
export function machineCollector(options: MachineOptions): Collector<'machine'> {
  return {
    source: 'machine',
    deadline: 3800,
    async collect(_target, { partly, signal }) {
      const ports = listening()
      if (ports === undefined) partly('listening ports: /proc/net/tcp cannot be read')
      const { seen, settings } = hostServerSeen(options.settingsFile, ports ?? [])
      const trove = readConf(options.troveConf ?? settings?.guest_config.trove_conf ?? TROVE_CONF)
      const guestPath = options.guestConfig ?? settings?.guest_config.path ?? trove.config?.get('DEFAULT', 'guest_config') ?? GUEST_CONFIG
      const guest = await guestConfigSeen(guestPath, settings?.guest_config, trove)
      const aliases = options.aliases ?? {}
      const hosts = guest.seen.transport?.hosts ?? []
      const [forward, reached, free, host] = await Promise.all([
        forwardPolicy(signal, partly),
        reach(hosts, aliases),
        freeBytes(settings),
        options.wholeHost && hostSeen({ ...options.wholeHost, ...(settings === undefined ? {} : { state: settings.state }), aliases: Object.keys(aliases), needed: neededPorts(hosts, settings, aliases) }, ports ?? [], signal, partly),
      ])
      return {
        listening: ports ?? [],
        ...(forward === undefined ? {} : { forward }),
        host_server: { ...seen, faults: [...seen.faults, ...(settings ? guest.faults : [])] },
        trove_conf: troveConfSeen(trove, options.datastore),
        guest_config: { ...guest.seen, ...(reached.length === 0 ? {} : { reach: reached }) },
        ...(free === undefined ? {} : { free }),
        ...(host === undefined ? {} : { host }),
      } satisfies MachineSeen
    },
  }
}

/** host-server's, and RabbitMQ's where guests are told that it is on this host. */
function neededPorts(brokers: readonly { host: string; port: number }[], settings: Settings | undefined, aliases: Readonly<Record<string, string>>): number[] {
  const own = new Set([...ownAddresses(), ...Object.keys(aliases)])
  return [...new Set([...(settings === undefined ? [] : [settings.listen.port]), ...brokers.flatMap(({ host, port }) => (own.has(host) ? [port] : []))])]
}

async function freeBytes(settings: Settings | undefined): Promise<number | undefined> {
  if (settings === undefined) return undefined
  try {
    const { bavail, bsize } = await statfs(settings.state)
    return bavail * bsize
  } catch {
    return undefined
  }
}
