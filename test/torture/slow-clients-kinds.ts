// Clients that take a server's time and memory and give nothing for it. Each holds on as long as the server lets it.
import { createConnection, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { address, ROUTES } from '../../contract/routes.ts'
import type { Guest, RealHost } from '../host-server/real-host.ts'

export interface SlowClient {
  readonly name: string
  /** Of all of them, in a hundred; see `slow-clients.ts`. */
  readonly share: number
  /** How long host-server may bear it, milliseconds; see host-server/limits.ts. */
  readonly endsAfter: number
  come(to: Target): Socket
}

export interface Target {
  readonly host: RealHost
  readonly ca: Buffer
  readonly guest: Guest
  /** Digest of a pack that is larger than all buffers on the way. */
  readonly pack: string
}

/** The beginning of a ClientHello of 512 bytes. */
const HELLO_BEGUN = Buffer.from('16030102000100 01fc0303'.replace(' ', ''), 'hex')
const SECOND = 1000

const plain = ({ host }: Target): Socket => createConnection({ host: '127.0.0.1', port: host.port })
const tls = ({ host, ca }: Target): Socket => connectTls({ host: '127.0.0.1', port: host.port, ca })

/** Says so much at once, and then a byte a second. */
function trickle(socket: Socket, text: string, byte: string): Socket {
  socket.write(text)
  const timer = setInterval(() => void (socket.writable && socket.write(byte)), SECOND)
  return socket.once('close', () => clearInterval(timer))
}

/** Sends the same again and again, as fast as it goes. */
function flood(socket: Socket, text: string, again: string): Socket {
  socket.write(text)
  const more = (): void => {
    while (socket.writable && socket.write(again));
  }
  more()
  return socket.on('drain', more)
}

const head = (method: string, path: string, { credential }: Guest, ...more: string[]): string =>
  [`${method} ${path} HTTP/1.1`, 'Host: host', `Authorization: Bearer ${credential}`, ...more, '', ''].join('\r\n')
const SMALLEST_PARTS = `[${Array(340_000).fill('{}').join(',')}]`
const whole = (guest: Guest, body: string): string => `${report(guest, `Content-Length: ${body.length}`)}${body}`
const report = (guest: Guest, length: string): string => head('POST', address(ROUTES.reports, guest.instance), guest, 'Content-Type: application/json', length)

/** What sends nothing, or not to the end: until the deadline for handshake or headers. */
const SILENT: readonly SlowClient[] = [
  { name: 'connects and says nothing', share: 20, endsAfter: 25 * SECOND, come: plain },
  {
    name: 'begins a handshake',
    share: 10,
    endsAfter: 25 * SECOND,
    come(to) {
      const socket = plain(to)
      socket.write(HELLO_BEGUN)
      return socket
    },
  },
  { name: 'has TLS and says nothing', share: 50, endsAfter: 25 * SECOND, come: tls },
  { name: 'sends headers a byte a second', share: 4, endsAfter: 25 * SECOND, come: (to) => trickle(tls(to), 'GET /healthz HTTP/1.1\r\nHost: ', 'h') },
  { name: 'asks once and stays', share: 4, endsAfter: 30 * SECOND, come: (to) => tls(to).on('secureConnect', function (this: Socket) { this.write('GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n') }).resume() },
]

/** What is refused at once. */
const FLOODS: readonly SlowClient[] = [
  { name: 'sends headers without end', share: 2, endsAfter: 5 * SECOND, come: (to) => flood(tls(to), 'GET /healthz HTTP/1.1\r\n', 'X-More: 0123456789\r\n'.repeat(500)) },
  { name: 'sends one header without end', share: 1, endsAfter: 5 * SECOND, come: (to) => flood(tls(to), 'GET /healthz HTTP/1.1\r\nX-Long: ', 'x'.repeat(16_384)) },
  { name: 'sends a body without end', share: 1, endsAfter: 5 * SECOND, come: (to) => flood(tls(to), report(to.guest, 'Transfer-Encoding: chunked'), `4000\r\n${' '.repeat(16_384)}\r\n`) },
  { name: 'sends a body without end and no credential', share: 1, endsAfter: 5 * SECOND, come: (to) => flood(tls(to), 'POST /v1/enrol HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: 99999999\r\n\r\n', 'x'.repeat(16_384)) },
  { name: 'sends the largest bodies of the smallest parts', share: 1, endsAfter: 40 * SECOND, come: (to) => tls(to).on('secureConnect', function (this: Socket) { this.write(whole(to.guest, SMALLEST_PARTS).repeat(3)) }).resume() },
  { name: 'asks a thousand times and reads nothing', share: 1, endsAfter: 5 * SECOND, come: (to) => unread(to, 'GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n'.repeat(1000)) },
  { name: 'sends garbage behind a question', share: 2, endsAfter: 5 * SECOND, come: (to) => flood(tls(to), 'GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n', '\0\u0001GARBAGE\r\n'.repeat(100)) },
]

/** What is borne for a minute or two: a slow link looks the same. */
const PATIENT: readonly SlowClient[] = [
  { name: 'sends a body a byte a second', share: 2, endsAfter: 70 * SECOND, come: (to) => trickle(tls(to), report(to.guest, 'Content-Length: 1000'), ' ') },
  { name: 'never reads the pack that it asked for', share: 2, endsAfter: 135 * SECOND, come: (to) => unread(to, head('GET', address(ROUTES.content, to.pack), to.guest)) },
]

function unread(to: Target, text: string): Socket {
  const socket = tls(to)
  socket.write(text)
  return socket.pause()
}

/** By how long they are borne: the share of `npm test` does without the last. */
export const SLOW_CLIENTS = { brief: [...FLOODS, ...SILENT], patient: PATIENT }
