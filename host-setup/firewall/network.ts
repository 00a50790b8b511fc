import { isIPv4 } from 'node:net'
import { HostError } from '../host-error.ts'

/** Shorter prefixes are a slip of the finger: they would masquerade half of the internet. */
const SHORTEST = 8

/** An IPv4 network by its first address: `192.168.254.7/24` is 192.168.254.0/24. @throws HostError when it is none that a firewall should be opened for */
export function readNetwork(text: string): string {
  const [address = '', bits = '', more] = text.split('/')
  const prefix = /^\d{1,2}$/.test(bits) ? Number(bits) : Number.NaN
  if (more !== undefined || !isIPv4(address) || !(prefix >= SHORTEST && prefix <= 32)) {
    throw new HostError(`expected the guests' network as an IPv4 address with /${SHORTEST} to /32, got ${JSON.stringify(text)}\n  trovestrap firewall plan --guests 192.168.254.0/24`)
  }
  return `${fromNumber(firstOf(toNumber(address), prefix))}/${prefix}`
}

/** Whether an IPv4 address lies in a network that `readNetwork` gave. */
export function isWithin(address: string, network: string): boolean {
  const [first = '', bits = ''] = network.split('/')
  return firstOf(toNumber(address), Number(bits)) === firstOf(toNumber(first), Number(bits))
}

/** An address of the network that a guest may have. */
export function someAddress(network: string): string {
  const [first = '', bits = ''] = network.split('/')
  return Number(bits) >= 31 ? first : fromNumber(toNumber(first) + 2)
}

function firstOf(address: number, prefix: number): number {
  const size = 2 ** (32 - prefix)
  return Math.floor(address / size) * size
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
}

function fromNumber(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.')
}
