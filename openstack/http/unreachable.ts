import { CloudError } from '../cloud-error.ts'

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'the name does not resolve',
  EAI_AGAIN: 'the name does not resolve now',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  ECONNRESET: 'the connection was closed',
  EPIPE: 'the connection was closed',
  EPROTO: 'what answers does not speak TLS: is it http:// that should stand there?',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate does not name this host',
  CERT_HAS_EXPIRED: 'its certificate has expired',
}

/** Why there was no answer at all, with what to do where that is known. */
export function unreachable(service: string, url: string, code: string, cause: unknown): CloudError {
  const { host } = new URL(url)
  if (code === 'ABORTED' || code === 'ETIMEDOUT') return new CloudError(`${service} at ${host} gives no answer in time`, { silent: true, cause })
  if (/SELF_SIGNED|UNABLE_TO|DEPTH_ZERO/.test(code)) {
    return new CloudError(`${service} at ${host}: its certificate is of a CA that is not known here (${code}); name the CA's file: cacert in clouds.yaml, or OS_CACERT`, { cause })
  }
  return new CloudError(`${service} at ${host}: ${REASONS[code] ?? code}`, { cause })
}
