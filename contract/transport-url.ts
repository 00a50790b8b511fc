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
const ESCAPES = { '/': '%2F', '?': '%3F', '#': '%23', ',': '%2C', '[': '%5B', ']': '%5D' } as const

/**
 * Reads what oslo.messaging reads: `@`, `:` and a stray `%` in a password do pass there, although its documentation asks to escape them.
 * @param text `rabbit://user:pass@host:port[,user:pass@host2:port]/vhost`; user and password percent-encoded
 * @throws TransportUrlError where the agent would end with an error, or dial something that is no host:
 *   an unescaped `/ ? # , [ ]` in a password is what usually stands behind it, and is named
 */
export function parseTransportUrl(text: string): TransportUrl {
  const [, driver, rest] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(text.trim().toWellFormed()) ?? []
  if (driver === undefined || rest === undefined) throw new TransportUrlError(`expected ${FORM}, got something without "://"`)
  const [, address = '', path = ''] = /^([^/?#]*)(.*)$/s.exec(rest)!
  if (path.includes('@')) throw unescaped(path[0] as keyof typeof ESCAPES)
  if (path.includes('#')) throw new TransportUrlError('an unescaped "#" cuts the URL short; write it as %23')
  const hosts = address.split(',').filter((part) => part !== '')
  if (hosts.length === 0) throw new TransportUrlError(`expected ${FORM}, got no host`)
  if (hosts.slice(0, -1).some((part) => !part.includes('@')) && hosts.at(-1)!.includes('@')) throw unescaped(',')
  const vhost = unquote(path.replace(/\?.*$/s, '').replace(/^\//, ''))
  return { driver: driver.toLowerCase(), hosts: hosts.map(parseHost), vhost: vhost === '' ? '/' : vhost }
}

/** The text that `parseTransportUrl` reads back, everything escaped that has to be; itself a secret. */
export function formatTransportUrl(url: TransportUrl): Secret {
  const hosts = url.hosts.map((host) => {
    const name = host.host.includes(':') ? `[${host.host}]` : host.host
    return `${encodeURIComponent(host.user)}:${encodeURIComponent(host.password.reveal())}@${name}:${host.port}`
  })
  const vhost = url.vhost === '/' ? '' : url.vhost.split('/').map(encodeURIComponent).join('/')
  return new Secret(`${url.driver}://${hosts.join(',')}/${vhost}`)
}

function parseHost(part: string): TransportHost {
  const at = part.lastIndexOf('@')
  const credentials = part.slice(0, Math.max(at, 0))
  const location = part.slice(at + 1)
  const bracket = /[[\]]/.exec(credentials)?.[0]
  if (bracket !== undefined) throw unescaped(bracket as keyof typeof ESCAPES)
  const [, host, port = ''] = /^(\[[0-9a-f:.]+\]|[^:[\]]*)(?::(.*))?$/is.exec(location) ?? []
  if (host === undefined || host === '') throw new TransportUrlError(`expected ${FORM}, got no host`)
  if (port !== '' && !(/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65535)) {
    throw new TransportUrlError('the port is not a number from 1 to 65535')
  }
  const [, user = '', password = ''] = /^([^:]*):?(.*)$/s.exec(credentials)!
  return {
    host: host.replace(/^\[|\]$/g, ''),
    port: port === '' ? AMQP_PORT : Number(port),
    // kombu's amqp transport puts guest in the place of what is empty.
    user: unquote(user) || 'guest',
    password: new Secret(unquote(password) || 'guest'),
  }
}

function unescaped(char: keyof typeof ESCAPES): TransportUrlError {
  return new TransportUrlError(`an unescaped "${char}" stands in the user name or password; write it as ${ESCAPES[char]}`)
}

/** urllib.parse.unquote: a "%" that begins no escape stays as it is. */
function unquote(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => Buffer.from(escapes.replaceAll('%', ''), 'hex').toString('utf8'))
}
