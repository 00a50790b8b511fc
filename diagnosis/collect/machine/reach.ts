import { connect } from 'node:net'

/** TCP from here to there: how it went. */
export interface Reached {
  readonly host: string
  readonly port: number
  /** open, refused, silent, unreachable, unknown-name, or the system's own code. */
  readonly outcome: string
}

const PATIENCE_MS = 2000
const MOST = 8
const OUTCOMES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ETIMEDOUT: 'silent',
  ENOTFOUND: 'unknown-name',
  EAI_AGAIN: 'unknown-name',
}

/** Side by side; 2 s at most. Sends nothing. @param aliases what an address means from here; the answer has the address as given */
export function reach(hosts: readonly { host: string; port: number }[], aliases: Readonly<Record<string, string>>): Promise<Reached[]> {
  return Promise.all(hosts.slice(0, MOST).map(async ({ host, port }) => ({ host, port, outcome: await outcomeOf(aliases[host] ?? host, port) })))
}

function outcomeOf(host: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    const end = (outcome: string) => {
      clearTimeout(timer)
      socket.destroy()
      resolve(outcome)
    }
    // Not the socket's own timeout: that begins anew with each address of a name.
    const timer = setTimeout(() => end('silent'), PATIENCE_MS)
    socket.on('connect', () => end('open'))
    socket.on('error', ({ code = 'failed' }: NodeJS.ErrnoException) => end(OUTCOMES[code] ?? code))
  })
}
