import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { AmqpTarget } from '../../../amqp/target.ts'
import { ownAddresses } from '../machine/own-addresses.ts'
import type { Inside } from './inside.ts'

const LOOKUP_MS = 300

/**
 * Whether what was asked inside is the broker of the transport_url: rabbitmqctl asks the node of this host, whichever that is.
 * Its list shows our own connection, or it listens on the port that the URL names on this host.
 */
export async function isSameBroker({ from, seen, ports }: Inside, targets: readonly AmqpTarget[]): Promise<boolean> {
  if (from === 'management') return true
  if (seen.connections.some(({ name }) => targets.some((target) => target.name === name))) return true
  for (const { host, port } of targets) if (ports?.includes(port) && (await isThisHost(host))) return true
  return false
}

async function isThisHost(host: string): Promise<boolean> {
  const own = new Set(ownAddresses())
  const addresses = isIP(host) > 0 ? [host] : await resolved(host)
  return addresses.some((address) => address.startsWith('127.') || address === '::1' || own.has(address))
}

async function resolved(host: string): Promise<string[]> {
  const late = Promise.withResolvers<string[]>()
  const timer = setTimeout(() => late.resolve([]), LOOKUP_MS)
  const found = lookup(host, { all: true }).then((all) => all.map(({ address }) => address))
  return Promise.race([found.catch(() => []), late.promise]).finally(() => clearTimeout(timer))
}
