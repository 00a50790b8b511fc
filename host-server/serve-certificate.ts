import type { Server } from 'node:tls'
import { certificateNames, unnamedBy } from './pki/certificate-names.ts'
import type { Identity } from './pki/read-identity.ts'
import type { Settings } from './settings.ts'

const SOON_MS = 14 * 86_400_000

/** What will keep guests out, now or soon; each ends in what to type. */
export function certificateWarnings({ certificate }: Identity, settings: Settings, now = new Date()): string[] {
  const unnamed = unnamedBy(certificate, certificateNames(settings))
  const left = certificate.validToDate.getTime() - now.getTime()
  const whole = certificate.validToDate.getTime() - certificate.validFromDate.getTime()
  return [
    ...(unnamed.length === 0 ? [] : [`the server certificate does not name ${unnamed.join(', ')}; type: trovestrap init --renew`]),
    ...(left < Math.min(SOON_MS, whole / 4)
      ? [`the server certificate expires on ${certificate.validToDate.toISOString().slice(0, 16)}Z; type: trovestrap init --renew`]
      : []),
  ]
}

/** Takes a renewed certificate into use for new connections; those that are open go on. */
export function useCertificate(server: Server, { server: pem }: Identity): void {
  server.setSecureContext({ key: pem, cert: pem, minVersion: 'TLSv1.3' })
}
