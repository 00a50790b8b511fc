import type { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import type { Settings } from '../settings.ts'

/** What the server certificate has to name: `names`, the listen address where it is one, and this machine itself. */
export function certificateNames(settings: Pick<Settings, 'names' | 'listen'>): string[] {
  const { address } = settings.listen
  const listening = address === '0.0.0.0' || address === '::' ? [] : [address]
  return [...new Set([...settings.names, ...listening, 'localhost', '127.0.0.1'].map((name) => name.toLowerCase()))]
}

/** @returns those of `names` that the certificate is not valid for */
export function unnamedBy(certificate: X509Certificate, names: readonly string[]): string[] {
  return names.filter((name) => (isIP(name) ? certificate.checkIP(name) : certificate.checkHost(name)) === undefined)
}
