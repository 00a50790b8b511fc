import type { Run } from '../run-command.ts'
import { readNetwork } from './network.ts'

export interface HostInterface {
  readonly name: string
  /** IPv4; also while nothing is plugged into the interface. */
  readonly addresses: readonly string[]
  /** The addresses' networks. */
  readonly networks: readonly string[]
}

/** The host's interfaces, loopback left out, and the one that the default route leads to. */
export interface HostNetworks {
  readonly interfaces: readonly HostInterface[]
  readonly outbound?: string
}

/** @throws CommandError where there is no ip(8) */
export async function hostNetworks(run: Run): Promise<HostNetworks> {
  const [links, routes] = await Promise.all([run({ program: 'ip', args: ['-json', 'address', 'show'] }), run({ program: 'ip', args: ['-json', '-4', 'route', 'show', 'default'] })])
  const outbound = defaultRoute(routes)
  return { interfaces: interfaces(links), ...(outbound === undefined ? {} : { outbound }) }
}

/** @param links what `ip -json address show` prints */
export function interfaces(links: string): HostInterface[] {
  const all = JSON.parse(links) as { ifname?: string; flags?: string[]; addr_info?: { family: string; local: string; prefixlen: number }[] }[]
  return all.flatMap(({ ifname: name, flags = [], addr_info = [] }) => {
    if (name === undefined || flags.includes('LOOPBACK')) return []
    const own = addr_info.filter(({ family }) => family === 'inet')
    return { name, addresses: own.map(({ local }) => local), networks: own.map(({ local, prefixlen }) => readNetwork(`${local}/${prefixlen}`)) }
  })
}

/** The interface of the default route with the lowest metric. @param routes what `ip -json -4 route show default` prints */
export function defaultRoute(routes: string): string | undefined {
  const all = JSON.parse(routes || '[]') as { dev?: string; metric?: number }[]
  return all.filter(({ dev }) => dev !== undefined).sort((a, b) => (a.metric ?? 0) - (b.metric ?? 0))[0]?.dev
}
