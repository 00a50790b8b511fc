import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import { closeConnections } from '../../guest-bootstrap/machine/real-http.ts'
import { makeCa, makeServerCertificate } from '../../host-server/pki/certificates.ts'

export interface TlsHost {
  readonly url: string
  readonly ca: string
  /** `GET /healthz`, in the order in which they came. */
  readonly asked: string[]
}

export interface TlsHostOptions extends ServerOptions {
  /** Subject alternative names. */
  readonly names?: readonly string[]
  /** When the certificate was made, and for how many seconds. */
  readonly made?: Date
  readonly lifetime?: number
}

const DAY = 86_400

/** An HTTPS server on the loopback with a certificate from a CA of its own; what it answers is the test's. */
export async function tlsHost(t: Test, answer: (request: IncomingMessage, response: ServerResponse) => void, options: TlsHostOptions = {}): Promise<TlsHost> {
  const { names = ['127.0.0.1'], made = new Date(), lifetime = 30 * DAY, ...server } = options
  const ca = await makeCa('test', new Date(Math.min(made.getTime(), Date.now())))
  const { key, certificate } = await makeServerCertificate(ca, names, lifetime, made)
  const asked: string[] = []
  const host = createServer({ key, cert: certificate, ...server }, (request, response) => {
    asked.push(`${request.method} ${request.url}`)
    answer(request, response)
  })
  host.listen(0, '127.0.0.1')
  await once(host, 'listening')
  t.teardown(() => {
    closeConnections()
    host.closeAllConnections()
    host.close()
  })
  return { url: `https://127.0.0.1:${(host.address() as AddressInfo).port}`, ca: ca.certificate, asked }
}
