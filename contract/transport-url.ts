import { Secret } from './secret.ts'

export interface TransportHost {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: Secret
}

/** oslo.messaging's `transport_url`, read as oslo_messaging.transport.TransportURL.parse reads it. */
export interface TransportUrl {
  readonly driver: string
  readonly hosts: readonly TransportHost[]
  readonly vhost: string
}

/** Says which part is wrong and never quotes the password. */
export class TransportUrlError extends Error {
  override readonly name = 'TransportUrlError'
}

const AMQP_PORT = 5672
const FORM = 'rabbit://USER:PASSWORD@HOST:PORT[,USER:PASSWORD@HOST2:PORT]/VHOST'

/**
 * @param text `rabbit://user:pass@host:port[,user:pass@host2:port]/vhost`; user and password percent-encoded
 * @throws TransportUrlError when it is not of that form; an unescaped `/ @ : # ?` in a password is what usually stands behind it
 */
export function parseTransportUrl(text: string): TransportUrl {
  const [, driver, rest] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(text.trim()) ?? []
  if (driver === undefined || rest === undefined) throw new TransportUrlError(`expected ${FORM}, got something without "://"`)
  if (rest.includes('#')) throw new TransportUrlError('an unescaped "#" cuts the URL short; write it as %23')
  const [address = '', ...path] = rest.replace(/\?.*$/s, '').split('/')
  if (address === '') throw new TransportUrlError(`expected ${FORM}, got no host`)
  const hosts = address.split(',').map((part) => parseHost(part, path.length > 0 && rest.lastIndexOf('@') > address.length))
  const vhost = decode(path.join('/'), 'vhost')
  return { driver: driver.toLowerCase(), hosts, vhost: vhost === '' ? '/' : vhost }
}

/** The text that `parseTransportUrl` reads back, everything escaped that has to be; itself a secret. */
export function formatTransportUrl(url: TransportUrl): Secret {
  const hosts = url.hosts.map((host) => {
    const name = host.host.includes(':') ? `[${host.host}]` : host.host
    return `${encodeURIComponent(host.user)}:${encodeURIComponent(host.password.reveal())}@${name}:${host.port}`
  })
  return new Secret(`${url.driver}://${hosts.join(',')}/${url.vhost === '/' ? '' : encodeURI(url.vhost)}`)
}

function parseHost(part: string, slashInPassword: boolean): TransportHost {
  if (slashInPassword) throw new TransportUrlError('an unescaped "/" stands before the "@"; oslo.messaging cannot use such a password')
  const at = part.split('@')
  if (at.length > 2) throw new TransportUrlError('an unescaped "@" stands in the user name or password; write it as %40')
  const [credentials, location] = at.length === 2 ? [at[0]!, at[1]!] : ['', at[0]!]
  const colons = credentials.split(':')
  if (colons.length > 2) throw new TransportUrlError('an unescaped ":" stands in the user name or password; write it as %3A')
  const [, host, port] = /^(\[[0-9a-f:.]+\]|[^:[\]]*)(?::(.*))?$/i.exec(location) ?? []
  if (host === undefined || host === '') throw new TransportUrlError(`expected ${FORM}, got no host behind the "@"`)
  if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65535)) {
    throw new TransportUrlError('the port is not a number from 1 to 65535 (an unescaped "/", "@", ":" or "#" in the password looks like this too)')
  }
  return {
    host: host.replace(/^\[|\]$/g, ''),
    port: port === undefined ? AMQP_PORT : Number(port),
    user: decode(colons[0] ?? '', 'user name') || 'guest',
    password: new Secret(decode(colons[1] ?? '', 'password') || (credentials === '' ? 'guest' : '')),
  }
}

function decode(text: string, what: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new TransportUrlError(`a "%" in the ${what} is not followed by two hexadecimal digits; write it as %25`)
  }
}
