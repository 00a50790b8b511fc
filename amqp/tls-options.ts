import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'
import type { AmqpTarget } from './target.ts'

const SYSTEM_CAS = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/ca-bundle.pem']

/**
 * As oslo.messaging and py-amqp have them: the chain is verified, by ssl_ca_file or the system's authorities (not Node's own list);
 * the name is not, because most releases do not either (verification came with oslo.messaging in 2026).
 */
export function tlsOptions({ tls }: AmqpTarget): ConnectionOptions {
  if (!tls) return {}
  const ca = tls.ca ?? systemAuthorities()
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(tls.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls.key === undefined ? {} : { key: tls.key }),
    checkServerIdentity: () => undefined,
  }
}

function systemAuthorities(): string | undefined {
  for (const path of SYSTEM_CAS) {
    try {
      return readFileSync(path, 'utf8')
    } catch {
      continue
    }
  }
  return undefined
}
