import type { MachineSeen } from '../../evidence.ts'
import { readIfThere } from './read-if-there.ts'

/** TCP_LISTEN of the kernel's include/net/tcp_states.h. */
const LISTEN = '0A'

/** TCP ports of this network namespace that listen; undefined where the kernel does not tell. */
export function listening(read: (path: string) => string | undefined = readIfThere): MachineSeen['listening'] | undefined {
  const tables = [read('/proc/net/tcp'), read('/proc/net/tcp6')].filter((table) => table !== undefined)
  return tables.length === 0 ? undefined : tables.flatMap(rowsOf)
}

/** Columns: number, local address and port in hex, remote ones, state. */
function rowsOf(table: string): MachineSeen['listening'] {
  return table.split('\n').slice(1).flatMap((line) => {
    const [, local = '', , state] = line.trim().split(/\s+/)
    const [, address, port] = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/.exec(local) ?? []
    return state === LISTEN && address !== undefined && port !== undefined ? [{ address: addressOf(address), port: parseInt(port, 16) }] : []
  })
}

/** The kernel prints each word of 32 bits as the machine has it in memory: little-endian wherever Trovestrap runs. */
function addressOf(hex: string): string {
  const bytes = hex.match(/.{8}/g)!.flatMap((word) => word.match(/../g)!.reverse())
  if (bytes.length === 4) return bytes.map((byte) => parseInt(byte, 16)).join('.')
  const groups = Array.from({ length: 8 }, (_, at) => parseInt(bytes[2 * at]! + bytes[2 * at + 1]!, 16).toString(16))
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1)
}
