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
  const socket = connect(path)
  const input = reader(socket)
  const size = await handshake(socket, input, exportName).catch((error: unknown) => {
    socket.destroy()
    throw error instanceof BuildFailure ? error : new ConnectionLost('opening the disk: the connection to the storage daemon ended', { cause: error })
  })
  const waiting = new Map<bigint, Waiting>()
  let last = 0n
  let ended: Error | undefined
  const end = (error: Error) => {
    ended ??= error
    for (const { failed, what } of waiting.values()) failed(new ConnectionLost(`${what}: the connection to the storage daemon ended`, { cause: error }))
    waiting.clear()
  }
  const answers = answerLoop(input, waiting).then(() => end(new Error('closed')), end)

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
      await answers
      socket.destroy()
    },
  }
}

function pieces(length: number): { at: number; count: number }[] {
  return Array.from({ length: Math.ceil(length / PIECE) }, (_, index) => ({ at: index * PIECE, count: Math.min(PIECE, length - index * PIECE) }))
}

/** @returns bytes of the export */
async function handshake(socket: Socket, input: Reader, exportName: string): Promise<number> {
  const hello = await input.take(18)
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
    const reply = await input.take(20)
    if (reply.readBigUInt64BE(0) !== REPLY_MAGIC) throw new BuildFailure('the storage daemon does not speak NBD')
    const data = await input.take(Math.min(reply.readUInt32BE(16), PIECE))
    const type = reply.readUInt32BE(12)
    if (type === REP_INFO && data.readUInt16BE(0) === INFO_EXPORT) size = Number(data.readBigUInt64BE(2))
    else if (type === REP_ACK && size !== undefined) return size
    else if (type !== REP_INFO) throw new BuildFailure(`the storage daemon refuses the export ${exportName} (${type})`)
  }
}

async function answerLoop(input: Reader, waiting: Map<bigint, Waiting>): Promise<void> {
  for (;;) {
    const header = await input.take(16)
    const request = waiting.get(header.readBigUInt64BE(8))
    if (header.readUInt32BE(0) !== SIMPLE_REPLY_MAGIC || !request) throw new Error('an answer that nobody asked for')
    const errno = header.readUInt32BE(4)
    if (errno === 0 && request.into) await input.fill(request.into)
    waiting.delete(header.readBigUInt64BE(8))
    if (errno === 0) request.done()
    else request.failed(new BuildFailure(`${request.what} failed: ${ERRORS[errno] ?? `error ${errno}`}`))
  }
}

const ERRORS: Readonly<Record<number, string>> = { 1: 'not permitted', 5: 'input or output error', 12: 'out of memory', 22: 'invalid', 28: 'the disk is full', 75: 'too large', 95: 'not supported', 108: 'the server shuts down' }

interface Reader {
  take(length: number): Promise<Buffer>
  fill(target: Buffer): Promise<void>
}

/** Bytes from a socket in the amounts that are asked for, copied once. */
function reader(socket: Socket): Reader {
  const chunks: Buffer[] = []
  let failure: Error | undefined
  let wake: (() => void) | undefined
  const woken = () => {
    wake?.()
    wake = undefined
  }
  let held = 0
  socket.on('data', (chunk) => {
    chunks.push(chunk)
    held += chunk.length
    if (held > 4 * PIECE) socket.pause()
    woken()
  })
  socket.on('error', (error) => {
    failure ??= error
    woken()
  })
  socket.on('close', () => {
    failure ??= new Error('the connection is closed')
    woken()
  })
  const fill = async (target: Buffer): Promise<void> => {
    for (let at = 0; at < target.length; ) {
      const chunk = chunks[0]
      if (!chunk) {
        if (failure) throw failure
        await new Promise<void>((resolve) => (wake = resolve))
        continue
      }
      const count = Math.min(chunk.length, target.length - at)
      chunk.copy(target, at, 0, count)
      at += count
      held -= count
      if (count === chunk.length) chunks.shift()
      else chunks[0] = chunk.subarray(count)
      if (held <= 4 * PIECE && socket.isPaused()) socket.resume()
    }
  }
  return {
    fill,
    async take(length) {
      const buffer = Buffer.allocUnsafe(length)
      await fill(buffer)
      return buffer
    },
  }
}
