import type { HostSeen } from '../../host-seen.ts'
import type { MachineSeen } from '../../evidence.ts'
import { clockSeen } from './clock-seen.ts'
import { disksSeen } from './disks-seen.ts'
import { filterSeen } from './filter-seen.ts'
import { keysSeen } from './keys-seen.ts'
import { ownAddresses } from './own-addresses.ts'
import { listenersOf, processes, servicesOf } from './processes.ts'
import { readIfThere } from './read-if-there.ts'

export interface HostQuestion {
  /** State folder of host-server; absent: there is none here. */
  readonly state?: string
  readonly aliases: readonly string[]
  /** By which guests reach this host. */
  readonly address?: string
  /** The guests' network: `10.0.0.0/24`. */
  readonly guests?: string
  /** TCP ports that guests have to reach on this host. */
  readonly needed: readonly number[]
}

/** What a bring-up needs of this host besides configuration. Reads only. */
export async function hostSeen({ state, aliases, address, guests, needed }: HostQuestion, listening: MachineSeen['listening'], signal: AbortSignal, partly: (why: string) => void): Promise<HostSeen> {
  const running = processes()
  const [filter, clock, disks] = await Promise.all([filterSeen({ needed, ...(guests === undefined ? {} : { guests }) }, signal, partly), clockSeen(signal, partly), disksSeen(state)])
  const forwarding = readIfThere('/proc/sys/net/ipv4/ip_forward')
  return {
    addresses: ownAddresses(),
    aliases: [...aliases],
    ...(address === undefined ? {} : { address }),
    ...(guests === undefined ? {} : { guests }),
    listeners: listenersOf(running, listening.map(({ port }) => port)),
    services: servicesOf(running),
    ...(clock === undefined ? {} : { clock }),
    disks,
    keys: state === undefined ? [] : keysSeen(state),
    ...(filter === undefined ? {} : { filter }),
    ...(forwarding === undefined ? {} : { forwarding: forwarding.trim() === '1' }),
  }
}
