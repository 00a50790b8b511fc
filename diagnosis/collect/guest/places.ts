import { DEFAULT_PORT, GUEST } from '../../../contract/paths.ts'
import type { GuestSeen } from '../../evidence.ts'
import { isHost, type Place } from './ask-network.ts'
import { filesOf } from './file-dump.ts'

/** Whom this guest should reach: its brokers, host-server at each address it knows, and (for the route alone, port 0) Trove's controller. */
export function placesOf(transport: GuestSeen['transport'], dump: string | undefined): Place[] {
  const texts = filesOf(dump)
  const controller = /^[ \t]*CONTROLLER[ \t]*=[ \t]*["']?([^"'\s]+)/m.exec(texts.get(GUEST.controllerConf) ?? '')?.[1]
  const all: Place[] = [
    ...(transport?.hosts ?? []).slice(0, 3).map(({ host, port }) => ({ host, port })),
    ...hostServerUrls(texts).slice(0, 4).flatMap(placeOfUrl),
    ...(controller === undefined ? [] : [{ host: controller, port: 0 }]),
  ]
  const known = new Set<string>()
  return all.filter(({ host, port }) => {
    const name = port === 0 ? host : `${host} ${port}`
    if (!isHost(host) || known.has(name)) return false
    known.add(name).add(host)
    return true
  })
}

/** The one that answered; before one has, those that the guest tries. */
function hostServerUrls(texts: ReadonlyMap<string, string>): string[] {
  const found = json(texts.get(`${GUEST.runtime}/host.json`))?.['url']
  if (typeof found === 'string') return [found]
  const urls = json(texts.get(`${GUEST.runtime}/identity.json`))?.['urls'] ?? json(texts.get(GUEST.config))?.['urls']
  return Array.isArray(urls) ? urls.filter((url) => typeof url === 'string') : []
}

function placeOfUrl(url: string): Place[] {
  try {
    const { hostname, port } = new URL(url)
    return [{ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || DEFAULT_PORT) }]
  } catch {
    return []
  }
}

function json(text: string | undefined): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '')
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
