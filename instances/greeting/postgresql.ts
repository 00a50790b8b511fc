import type { Protocol } from './greeting.ts'

const HEADER = 5
const LONGEST = 16 * 1024
const PROTOCOL_3 = 196_608
/** SQLSTATE of a server that starts, stops or recovers. */
const CANNOT_CONNECT_NOW = '57P03'

/**
 * PostgreSQL: asked to log somebody in, it answers with what it wants of him, or with why not (postgresql.org, Message Formats). Asking for TLS
 * would be answered with one letter, by a server that is still recovering as well.
 */
export const postgresql: Protocol = {
  port: 5432,
  hello: startup('trovestrap'),
  read(bytes) {
    if (bytes.length === 0) return 'more'
    const kind = String.fromCharCode(bytes[0]!)
    if (kind !== 'R' && kind !== 'E') return undefined
    if (bytes.length < HEADER) return 'more'
    const length = bytes.readUInt32BE(1)
    if (length < 8 || length > LONGEST) return undefined
    if (bytes.length < 1 + length) return 'more'
    if (kind === 'R') return { product: 'PostgreSQL' }
    const { C: code, M: message } = fields(bytes.subarray(HEADER, 1 + length))
    if (code === undefined || message === undefined) return undefined
    // Every other error is about who asks: that is the port's business, not the server's.
    return code === CANNOT_CONNECT_NOW ? { product: 'PostgreSQL', refuses: `${message} (${code})` } : { product: 'PostgreSQL' }
  },
}

/** A letter, then words, then a zero; again and again. */
function fields(body: Buffer): Readonly<Record<string, string>> {
  return Object.fromEntries(body.toString('utf8').split('\0').filter((field) => field !== '').map((field) => [field[0]!, field.slice(1)]))
}

function startup(user: string): Buffer {
  const words = Buffer.from(`user\0${user}\0database\0${user}\0\0`)
  const packet = Buffer.alloc(8 + words.length)
  packet.writeUInt32BE(packet.length, 0)
  packet.writeUInt32BE(PROTOCOL_3, 4)
  words.copy(packet, 8)
  return packet
}
