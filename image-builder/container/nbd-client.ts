import { connect, type Socket } from 'node:net'
import { BuildFailure } from '../refusal.ts'
import type { Blocks } from './blocks.ts'

// Source of all numbers: https://github.com/NetworkBlockDevice/nbd/blob/master/doc/proto.md (fixed newstyle, simple replies).
const SERVER_MAGIC = 0x4e42444d41474943n
const OPTION_MAGIC = 0x49484156454f5054n
const REPLY_MAGIC = 0x3e889045565a9n
const REQUEST_MAGIC = 0x25609513
const SIMPLE_REPLY_MAGIC = 0x67446698
const OPT_GO = 7
const REP_ACK = 1
const REP_INFO = 3
const INFO_EXPORT = 0
const COMMAND = { read: 0, write: 1, disconnect: 2, flush: 3 } as const
/** Bytes of one request; QEMU takes up to 32 MiB. */
const PIECE = 2 ** 21
const RECEIVED_AT_ONCE = 2 ** 19

/** Whoever waited for an answer gets none any more. */
export class ConnectionLost extends BuildFailure {}

interface Waiting {
  readonly what: string
  /** Where the answer's bytes go; none for writes. */
  readonly into: Buffer | undefined
  readonly done: () => void
  readonly failed: (error: Error) => void
}

/**
 * A client for one export of an NBD server, as much of one as the builder needs. Any number of requests may be under way.
 * @param path unix socket
 * @throws BuildFailure when the server does not answer as the protocol says
 */
export async function connectNbd(path: string, exportName: string): Promise<Blocks> {
  const { socket, receiver } = open(path)
  const size = await handshake(socket, receiver, exportName).catch((error: unknown) => {
    socket.destroy()
    throw error instanceof BuildFailure ? error : new ConnectionLost('opening the disk: the connection to the storage daemon ended', { cause: error })
  })
  const waiting = new Map<bigint, Waiting>()
  let last = 0n
  let ended: Error | undefined
  const closed = receiver.ended.then((error) => {
    ended = error
    for (const { failed, what } of waiting.values()) failed(new ConnectionLost(`${what}: the connection to the storage daemon ended`, { cause: error }))
    waiting.clear()
  })
  receiveAnswers(receiver, waiting)

  function ask(command: number, offset: number, length: number, what: string, data?: Buffer, into?: Buffer): Promise<void> {
    return new Promise((done, failed) => {
      if (ended) return failed(new ConnectionLost(`${what}: the connection to the storage daemon ended`, { cause: ended }))
      const handle = ++last
      waiting.set(handle, { what, into, done, failed })
      const header = Buffer.alloc(28)
      header.writeUInt32BE(REQUEST_MAGIC, 0)
      header.writeUInt16BE(command, 6)
      header.writeBigUInt64BE(handle, 8)
      header.writeBigUInt64BE(BigInt(offset), 16)
      header.writeUInt32BE(length, 24)
      socket.cork()
      socket.write(header)
      if (data) socket.write(data)
      socket.uncork()
    })
  }

  const inside = (offset: number, length: number) => {
    if (!(Number.isSafeInteger(offset) && offset >= 0 && length >= 0 && offset + length <= size)) throw new RangeError(`bytes ${offset} to ${offset + length} are outside of the disk's ${size}`)
  }

  return {
    size,
    async read(offset, length) {
      inside(offset, length)
      const buffer = Buffer.allocUnsafe(length)
      await Promise.all(pieces(length).map(({ at, count }) => ask(COMMAND.read, offset + at, count, `reading ${count} bytes at ${offset + at}`, undefined, buffer.subarray(at, at + count))))
      return buffer
    },
    async write(offset, data) {
      inside(offset, data.length)
      await Promise.all(pieces(data.length).map(({ at, count }) => ask(COMMAND.write, offset + at, count, `writing ${count} bytes at ${offset + at}`, data.subarray(at, at + count))))
    },
    flush: () => ask(COMMAND.flush, 0, 0, 'flushing'),
    async [Symbol.asyncDispose]() {
      const header = Buffer.alloc(28)
      header.writeUInt32BE(REQUEST_MAGIC, 0)
      header.writeUInt16BE(COMMAND.disconnect, 6)
      socket.end(header)
      await closed
      socket.destroy()
    },
  }
}

function pieces(length: number): { at: number; count: number }[] {
  return Array.from({ length: Math.ceil(length / PIECE) }, (_, index) => ({ at: index * PIECE, count: Math.min(PIECE, length - index * PIECE) }))
}

/** @returns bytes of the export */
async function handshake(socket: Socket, receiver: Receiver, exportName: string): Promise<number> {
  const take = async (length: number): Promise<Buffer> => {
    const bytes = Buffer.alloc(length)
    const full = new Promise<void>((resolve) => receiver.next(bytes, resolve))
    const error = await Promise.race([full, receiver.ended])
    if (error) throw error
    return bytes
  }
  const hello = await take(18)
  if (hello.readBigUInt64BE(0) !== SERVER_MAGIC || hello.readBigUInt64BE(8) !== OPTION_MAGIC || (hello.readUInt16BE(16) & 1) === 0) throw new BuildFailure('the storage daemon does not speak NBD')
  const name = Buffer.from(exportName)
  const go = Buffer.alloc(4 + 16 + 4 + name.length + 2)
  go.writeUInt32BE(1, 0) // fixed newstyle
  go.writeBigUInt64BE(OPTION_MAGIC, 4)
  go.writeUInt32BE(OPT_GO, 12)
  go.writeUInt32BE(4 + name.length + 2, 16)
  go.writeUInt32BE(name.length, 20)
  name.copy(go, 24)
  socket.write(go)
  let size: number | undefined
  for (;;) {
    const reply = await take(20)
    if (reply.readBigUInt64BE(0) !== REPLY_MAGIC) throw new BuildFailure('the storage daemon does not speak NBD')
    const data = await take(Math.min(reply.readUInt32BE(16), PIECE))
    const type = reply.readUInt32BE(12)
    if (type === REP_INFO && data.readUInt16BE(0) === INFO_EXPORT) size = Number(data.readBigUInt64BE(2))
    else if (type === REP_ACK && size !== undefined) return size
    else if (type !== REP_INFO) throw new BuildFailure(`the storage daemon refuses the export ${exportName} (${type})`)
  }
}

/** From now on, as long as the connection lasts: a header, then the bytes that were asked for. */
function receiveAnswers(receiver: Receiver, waiting: Map<bigint, Waiting>): void {
  const header = Buffer.alloc(16)
  const answered = (): void => {
    const handle = header.readBigUInt64BE(8)
    const request = waiting.get(handle)
    if (header.readUInt32BE(0) !== SIMPLE_REPLY_MAGIC || !request) return receiver.stop(new Error('an answer that nobody asked for'))
    const errno = header.readUInt32BE(4)
    const whole = (): void => {
      waiting.delete(handle)
      if (errno === 0) request.done()
      else request.failed(new BuildFailure(`${request.what} failed: ${ERRORS[errno] ?? `error ${errno}`}`))
      receiver.next(header, answered)
    }
    if (errno === 0 && request.into) receiver.next(request.into, whole)
    else whole()
  }
  receiver.next(header, answered)
}

const ERRORS: Readonly<Record<number, string>> = { 1: 'not permitted', 5: 'input or output error', 12: 'out of memory', 22: 'invalid', 28: 'the disk is full', 75: 'too large', 95: 'not supported', 108: 'the server shuts down' }

interface Receiver {
  /** Says where the next bytes go, and what happens when all have come. */
  next(into: Buffer, full: () => void): void
  stop(error: Error): void
  /** Comes when no more bytes do, with the reason. */
  readonly ended: Promise<Error>
}

/** One buffer for all that comes in, copied at once to where it belongs: hundreds of megabytes make no garbage. */
function open(path: string): { readonly socket: Socket; readonly receiver: Receiver } {
  let sink: { readonly into: Buffer; at: number; readonly full: () => void } | undefined
  /** Came before anybody asked for it: two answers of the handshake at once. */
  let early = Buffer.alloc(0)
  const feed = (bytes: Buffer): void => {
    for (let from = 0; from < bytes.length; ) {
      if (!sink) {
        early = Buffer.concat([early, bytes.subarray(from)])
        return
      }
      const count = bytes.copy(sink.into, sink.at, from)
      sink.at += count
      from += count
      if (sink.at < sink.into.length) continue
      const { full } = sink
      sink = undefined
      full()
    }
  }
  const socket = connect({
    path,
    onread: {
      buffer: Buffer.alloc(RECEIVED_AT_ONCE),
      callback(count, buffer) {
        feed(Buffer.from(buffer.buffer, buffer.byteOffset, count))
        return true
      },
    },
  })
  const ended = new Promise<Error>((resolve) => {
    socket.on('error', resolve)
    socket.on('close', () => resolve(new Error('the connection is closed')))
  })
  return {
    socket,
    receiver: {
      next(into, full) {
        if (into.length === 0) return full()
        sink = { into, at: 0, full }
        const before = early
        early = Buffer.alloc(0)
        feed(before)
      },
      stop: (error) => void socket.destroy(error),
      ended,
    },
  }
}
