// The opening of AMQP 0-9-1, sections 2.2.4 and 4.2 of its specification: as much as is needed to be told why.
import type { Secret } from '../contract/secret.ts'

/** Class and method in one number. */
export const START = 0x000a000a
export const TUNE = 0x000a001e
/** open-ok */
export const OPEN = 0x000a0029
export const CLOSE = 0x000a0032

export const opening = (): Buffer => Buffer.from('AMQP\x00\x00\x09\x01', 'latin1')

/** Payloads of the whole frames in what was read so far, and what is left over. */
export function framesOf(bytes: Buffer): { frames: Buffer[]; rest: Buffer } {
  const frames: Buffer[] = []
  let rest = bytes
  while (rest.length >= 8 && rest.length >= 8 + rest.readUInt32BE(3)) {
    const size = rest.readUInt32BE(3)
    frames.push(rest.subarray(7, 7 + size))
    rest = rest.subarray(8 + size)
  }
  return { frames, rest }
}

export const methodOf = (payload: Buffer): number | undefined => (payload.length < 4 ? undefined : payload.readUInt32BE(0))

/** start-ok: no client properties but the wish to be told of a refused login, PLAIN, en_US. */
export function startOk(user: string, password: Secret): Buffer {
  const wish = Buffer.concat([short('authentication_failure_close'), Buffer.from('t\x01', 'latin1')])
  const properties = Buffer.concat([short('capabilities'), Buffer.from('F'), long(wish)])
  return frame(0x000a000b, [long(properties), short('PLAIN'), long(Buffer.from(`\0${user}\0${password.reveal()}`)), short('en_US')])
}

/** Takes the server's limits as they are, without heartbeats, and asks for the vhost. */
export function tuneOkAndOpen(tune: Buffer, vhost: string): Buffer {
  const limits = Buffer.from(tune.subarray(4, 12))
  limits.writeUInt16BE(0, 6)
  return Buffer.concat([frame(0x000a001f, [limits]), frame(0x000a0028, [short(vhost), short(''), Buffer.from([0])])])
}

/** reply-text of a close, with its code in front: `530 NOT_ALLOWED - vhost nope not found`. */
export function closeText(payload: Buffer): string {
  return `${payload.readUInt16BE(4)} ${payload.subarray(7, 7 + payload[6]!).toString('utf8')}`
}

function frame(method: number, fields: Buffer[]): Buffer {
  const head = Buffer.alloc(11)
  const payload = Buffer.concat(fields)
  head[0] = 1
  head.writeUInt32BE(4 + payload.length, 3)
  head.writeUInt32BE(method, 7)
  return Buffer.concat([head, payload, Buffer.from([0xce])])
}

function short(text: string): Buffer {
  const bytes = Buffer.from(text)
  return Buffer.concat([Buffer.from([bytes.length]), bytes])
}

function long(bytes: Buffer): Buffer {
  const size = Buffer.alloc(4)
  size.writeUInt32BE(bytes.length)
  return Buffer.concat([size, bytes])
}
