import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { CannotSee } from '../collector.ts'
import { placeText } from './access.ts'

/** What a failed connection is called here, by errno name. */
const FAILURES: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  ETIMEDOUT: 'no answer',
  EHOSTUNREACH: 'no route',
  ENETUNREACH: 'no route',
  ENOTFOUND: 'unknown name',
  EAI_AGAIN: 'unknown name',
}

/** A TCP connection. @throws CannotSee `connection refused: 10.0.0.5:22` */
export function dial(place: { readonly host: string; readonly port: number }, signal: AbortSignal): Promise<Duplex> {
  const { promise, resolve, reject } = Promise.withResolvers<Duplex>()
  const socket = connect({ host: place.host, port: place.port, noDelay: true })
  const late = () => socket.destroy(Object.assign(new Error('aborted'), { code: 'ETIMEDOUT' }))
  if (signal.aborted) late()
  signal.addEventListener('abort', late)
  socket.on('error', (error: NodeJS.ErrnoException) => reject(dialFailure(error.code ?? error.message, place, error)))
  socket.once('connect', () => resolve(socket))
  return promise.finally(() => signal.removeEventListener('abort', late))
}

/** @param code errno name, or what else is known of it */
export function dialFailure(code: string, place: { readonly host: string; readonly port: number }, cause?: unknown): CannotSee {
  return new CannotSee(`${FAILURES[code] ?? code}: ${placeText(place)}`, { cause })
}
