import { request } from 'node:https'
import type { TLSSocket } from 'node:tls'
import type { Peeked } from '../system.ts'

/** Sends no credential and believes nothing: the answer only goes into an explanation. */
export function realPeek(url: string, timeout: number): Promise<Peeked> {
  return new Promise((resolve, reject) => {
    const going = request(`${url}/healthz`, { rejectUnauthorized: false, agent: false, timeout }, (answer) => {
      const certificate = (answer.socket as TLSSocket).getPeerCertificate()
      const date = Date.parse(answer.headers.date ?? '')
      answer.destroy()
      resolve({
        validFrom: Date.parse(certificate.valid_from),
        validTo: Date.parse(certificate.valid_to),
        ...(Number.isNaN(date) ? {} : { date }),
      })
    })
    going.on('timeout', () => going.destroy(new Error(`no answer within ${timeout} ms`)))
    going.on('error', reject)
    going.end()
  })
}
