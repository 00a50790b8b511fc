import { connect } from 'node:net'
import type { Greeting, Protocol } from './greeting.ts'

/** What came of one try at one address. */
export type Met =
  | { readonly address: string; readonly port: number; readonly greeting: Greeting }
  /** `reachable`: something is there and does not greet. Otherwise nothing is known of the database: no way leads there from here. */
  | { readonly address: string; readonly port: number; readonly why: string; readonly reachable: boolean }

const AWAY: Readonly<Record<string, string>> = { EHOSTUNREACH: 'no route to it', ENETUNREACH: 'no route to its network', EADDRNOTAVAIL: 'no address here that could reach it', EACCES: 'this host forbids it' }
/** Bytes that are looked at. */
const MOST = 16 * 1024

/**
 * Connects, hears who is there, and leaves. Nobody logs in: MySQL counts that as a failed connection of this host (it blocks a host after
 * `max_connect_errors`, 100), so it is done once an instance should be ready, not to find out whether it is.
 * @param patience milliseconds
 */
export function greet(address: string, protocol: Protocol, patience: number, port: number = protocol.port): Promise<Met> {
  const { promise, resolve } = Promise.withResolvers<Met>()
  const socket = connect({ host: address, port })
  let heard = Buffer.alloc(0)
  let connected = false
  const end = (met: { greeting: Greeting } | { why: string; reachable: boolean }): void => {
    clearTimeout(timer)
    socket.destroy()
    resolve({ address, port, ...met })
  }
  const timer = setTimeout(() => end({ why: connected ? `it says nothing within ${patience / 1000} s` : `no answer within ${patience / 1000} s`, reachable: connected }), patience)
  socket.on('connect', () => {
    connected = true
    if (protocol.hello !== undefined) socket.write(protocol.hello)
  })
  socket.on('data', (piece) => {
    heard = Buffer.concat([heard, piece])
    const read = protocol.read(heard)
    if (read === undefined || (read === 'more' && heard.length > MOST)) end({ why: 'what answers speaks something else', reachable: true })
    else if (read !== 'more') end({ greeting: read })
  })
  socket.on('close', () => end({ why: 'it closes the connection', reachable: true }))
  socket.on('error', (error: NodeJS.ErrnoException) => {
    const away = AWAY[error.code ?? '']
    end({ why: away ?? (error.code === 'ECONNREFUSED' ? 'connection refused' : error.code === 'ECONNRESET' ? 'it closes the connection' : (error.code ?? error.message)), reachable: away === undefined })
  })
  return promise
}
