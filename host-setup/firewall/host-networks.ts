import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { readNetwork } from './network.ts'

export interface HostInterface {
  readonly name: string
  /** IPv4. */
  readonly addresses: readonly string[]
  /** The addresses' networks. */
  readonly networks: readonly string[]
}

/** The host's interfaces, loopback left out, and the one that the default route leads to. */
export interface HostNetworks {
  readonly interfaces: readonly HostInterface[]
  readonly outbound?: string
}

export function hostNetworks(): HostNetworks {
  const known = networkInterfaces()
  const interfaces = interfaceNames(readFileSync('/proc/net/dev', 'utf8'))
    .filter((name) => name !== 'lo')
    .map((name) => {
      const own = (known[name] ?? []).filter(({ family }) => family === 'IPv4')
      return { name, addresses: own.map(({ address }) => address), networks: own.flatMap(({ cidr }) => (cidr === null ? [] : readNetwork(cidr))) }
    })
  const outbound = defaultRoute(readFileSync('/proc/net/route', 'utf8'))
  return { interfaces, ...(outbound === undefined ? {} : { outbound }) }
}

/** @param dev /proc/net/dev; also those without an address, which node:os does not name */
export function interfaceNames(dev: string): string[] {
  return dev.split('\n').flatMap((line) => /^\s*([^\s:]+):/.exec(line)?.[1] ?? [])
}

/** The interface of the default route with the lowest metric. @param routes /proc/net/route (proc_net(5); hexadecimal, of the machine's byte order) */
export function defaultRoute(routes: string): string | undefined {
  const all = routes.split('\n').slice(1).map((line) => line.trim().split(/\s+/))
  const defaults = all.filter(([, destination, , flags, , , , mask]) => destination === '00000000' && mask === '00000000' && (Number.parseInt(flags ?? '', 16) & UP) !== 0)
  return defaults.sort((a, b) => Number(a[6]) - Number(b[6]))[0]?.[0]
}

/** RTF_UP of linux/route.h. */
const UP = 1
