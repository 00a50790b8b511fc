import { isIPv4, isIPv6, SocketAddress } from 'node:net'

/** The address as Neutron writes it: IPv6 in its shortest form, without a zone; an IPv4 address that came over IPv6 as IPv4. */
export function plainAddress(address: string): string {
  const bare = address.replace(/%.*$/, '')
  if (!isIPv6(bare)) return bare
  const shortest = new SocketAddress({ address: bare, family: 'ipv6' }).address
  const mapped = shortest.replace(/^::ffff:/, '')
  return isIPv4(mapped) ? mapped : shortest
}
