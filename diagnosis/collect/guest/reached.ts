import type { GuestSeen } from '../../evidence.ts'
import { linesOf } from './sections.ts'

/** Reads `HOST PORT STATUS words…`, a line a connection that was tried. */
export function probesOf(text: string | undefined): GuestSeen['probes'] {
  return linesOf(text, 50).flatMap((line) => {
    const [, host, port, status, said] = /^(\S+) (\d{1,5}) (\d{1,3}) ?(.*)$/.exec(line) ?? []
    return host === undefined ? [] : [{ host, port: Number(port), outcome: outcome(Number(status), said!) }]
  })
}

/** Words of bash, nc, ncat and Python. 124 is timeout(1)'s own. */
function outcome(status: number, said: string): string {
  if (status === 0) return 'open'
  if (/refused/i.test(said)) return 'refused'
  if (/no route|unreachable/i.test(said)) return 'unreachable'
  if (/not known|name resolution|no address associated|getaddrinfo|could not resolve/i.test(said)) return 'unknown-name'
  if (status === 124 || /timed? ?out/i.test(said)) return 'silent'
  return said.slice(0, 200) || `exit status ${status}`
}

/** Reads `HOST words of ip route get`. */
export function pathsOf(text: string | undefined): GuestSeen['paths'] {
  const known = new Set<string>()
  return linesOf(text, 50).flatMap((line) => {
    const [, to, route] = /^(\S+) +(.+)$/.exec(line) ?? []
    if (to === undefined || known.has(to)) return []
    known.add(to)
    return [{ to, route: route!.replace(/\s*\\\s*/g, ' ').trim().slice(0, 500) }]
  })
}
