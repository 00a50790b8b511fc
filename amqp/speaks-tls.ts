import { connect } from 'node:tls'
import type { AmqpTarget } from './target.ts'

/** Whether a TLS handshake gets an answer of TLS, whatever the certificate. Sends nothing else. */
export function speaksTls({ host, port, timeout }: AmqpTarget): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, rejectUnauthorized: false, timeout })
    const end = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.on('secureConnect', () => end(true))
    socket.on('timeout', () => end(false))
    // An alert (a client certificate is wanted, no common version) is TLS too; "wrong version number" is what anything else looks like.
    socket.on('error', (error: NodeJS.ErrnoException) => end(/^ERR_SSL_.*ALERT/.test(error.code ?? '')))
  })
}
