// amqplib's connect() hides what the broker says when it refuses a vhost ("Expected ConnectionOpenOk; got <ConnectionClose>"), and
// what something that is not AMQP says. So after such a failure this speaks the few opening words itself and listens.
import { connect as plain, type Socket } from 'node:net'
import { connect as secure } from 'node:tls'
import type { AmqpTarget } from './target.ts'
import { tlsOptions } from './tls-options.ts'
import { closeText, methodOf, OPEN, opening, START, startOk, TUNE, CLOSE, tuneOkAndOpen, framesOf } from './opening-frames.ts'

export type Sight =
  /** The broker closed the connection in good order, with these words. */
  | { readonly kind: 'closed'; readonly text: string }
  /** Something else, with its first line. */
  | { readonly kind: 'other'; readonly text: string }
  /** A TLS record, to a client that speaks plain. */
  | { readonly kind: 'tls' }
  /** `connected`: the port took the connection; else nobody answered the SYN. */
  | { readonly kind: 'silent'; readonly connected: boolean }
  | { readonly kind: 'ended' }
  /** This time it went well. */
  | { readonly kind: 'open' }
  | { readonly kind: 'failed' }

export function secondLook(target: AmqpTarget): Promise<Sight> {
  return new Promise((resolve) => {
    const { host, port, timeout } = target
    const socket: Socket = target.tls ? secure({ host, port, ...tlsOptions(target) }) : plain({ host, port })
    let seen: Buffer = Buffer.alloc(0)
    let connected = false
    const end = (sight: Sight) => {
      socket.destroy()
      resolve(sight)
    }
    socket.setTimeout(timeout, () => end({ kind: 'silent', connected }))
    socket.on('connect', () => (connected = true))
    socket.on(target.tls ? 'secureConnect' : 'connect', () => socket.write(opening()))
    socket.on('error', () => end({ kind: 'failed' }))
    socket.on('end', () => end(seen.length === 0 ? { kind: 'ended' } : { kind: 'other', text: firstLine(seen) }))
    socket.on('data', (bytes) => {
      seen = Buffer.concat([seen, bytes])
      if (seen[0] === 0x15 && seen[1] === 3) return end({ kind: 'tls' })
      if (seen[0] !== 1) return end({ kind: 'other', text: firstLine(seen) })
      const { frames, rest } = framesOf(seen)
      seen = rest
      for (const frame of frames) {
        const method = methodOf(frame)
        if (method === START) socket.write(startOk(target.user, target.password))
        else if (method === TUNE) socket.write(tuneOkAndOpen(frame, target.vhost))
        else if (method === CLOSE) end({ kind: 'closed', text: closeText(frame) })
        else if (method === OPEN) end({ kind: 'open' })
      }
    })
  })
}

function firstLine(bytes: Buffer): string {
  return bytes.toString('latin1').split(/[\r\n]/)[0]!.replace(/[^\x20-\x7e]/g, '.').slice(0, 60)
}
