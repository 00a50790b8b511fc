import { networkInterfaces } from 'node:os'
import { readIfThere } from './read-if-there.ts'

const LOOPBACK = '01'

/** Of this host's interfaces, loopback left out. Node tells none of an interface without a carrier, which a bridge is that has no guest yet. */
export function ownAddresses(read: (path: string) => string | undefined = readIfThere): string[] {
  const [trie, six] = [read('/proc/net/fib_trie'), read('/proc/net/if_inet6')]
  if (trie === undefined) return Object.values(networkInterfaces()).flatMap((all) => (all ?? []).filter(({ internal }) => !internal).map(({ address }) => address))
  const four = [...trie.matchAll(/\|-- ([0-9.]+)\n\s+\/32 host LOCAL/g)].map(([, address]) => address!)
  return [...new Set([...four.filter((address) => !address.startsWith('127.')), ...(six ?? '').split('\n').flatMap(addressOf)])]
}

/** Columns: address, interface's number, length, scope, flags, interface's name; in hex. */
function addressOf(line: string): string[] {
  const [hex = '', number] = line.trim().split(/\s+/)
  if (hex.length !== 32 || number === LOOPBACK) return []
  return [new URL(`http://[${hex.match(/.{4}/g)!.join(':')}]`).hostname.slice(1, -1)]
}
