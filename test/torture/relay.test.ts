import { once } from 'node:events'
import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { startRelay, type Link, type Relay } from './relay.ts'

/** Seconds after which a test that hangs has failed. */
const LIMIT = 30_000

async function between(t: Test, answer: (socket: Socket) => void, link: Link = {}): Promise<{ relay: Relay; connect: () => Promise<Socket> }> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {})
    answer(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const relay = await startRelay({ port: (server.address() as AddressInfo).port }, link)
  t.teardown(async () => {
    await relay[Symbol.asyncDispose]()
    server.close()
  })
  const connect = async (): Promise<Socket> => {
    const socket = createConnection({ host: '127.0.0.1', port: relay.port })
    socket.setTimeout(LIMIT, () => socket.destroy(new Error(`nothing came for ${LIMIT} ms`)))
    await once(socket, 'connect')
    return socket
  }
  return { relay, connect }
}

const send = (bytes: Buffer) => (socket: Socket) => void socket.end(bytes)
const numbered = (length: number): Buffer => Buffer.from(Array.from({ length }, (_, at) => at % 251))

t.test('what goes in comes out, both ways, whole and in order', async (t) => {
  const { connect, relay } = await between(t, (socket) => void socket.pipe(socket), { delayMs: 5 })
  const bytes = numbered(300_000)
  const socket = await connect()
  socket.end(bytes)
  t.ok((await buffer(socket)).equals(bytes))
  t.equal(relay.toClient, bytes.length)
  t.same([relay.taken, relay.cut], [1, 0])
})

t.test('each way takes its delay', async (t) => {
  const { connect } = await between(t, (socket) => void socket.pipe(socket), { delayMs: 100 })
  const socket = await connect()
  const began = performance.now()
  socket.write('x')
  await once(socket, 'data')
  t.ok(performance.now() - began >= 195, `${performance.now() - began} ms`)
  socket.destroy()
})

t.test('a throttled connection takes as long as its bytes take', async (t) => {
  const { connect } = await between(t, send(numbered(50_000)), { bytesPerSecond: 100_000 })
  const socket = await connect()
  const began = performance.now()
  t.equal((await buffer(socket)).length, 50_000)
  t.ok(performance.now() - began >= 490, `${performance.now() - began} ms`)
})

t.test('a connection is cut after exactly so many bytes, the next one after as many as it is told then', async (t) => {
  const offsets = [70_001, 12]
  const { connect, relay } = await between(t, send(numbered(200_000)), { cutAfter: () => offsets.shift() ?? Infinity })
  for (const expected of [70_001, 12, 200_000]) t.equal((await buffer(await connect())).length, expected)
  t.same([relay.taken, relay.cut], [3, 2])
})

t.test('a sender that nobody reads from is held back', async (t) => {
  let written = 0
  const { connect, relay } = await between(t, async (socket) => {
    for (; written < 400 && !socket.destroyed; written++) if (!socket.write(Buffer.alloc(100_000))) await once(socket, 'drain').catch(() => {})
    socket.end()
  })
  relay.hold()
  const socket = await connect()
  const before = await settled(() => written)
  t.ok(before < 300, `${before} of 400 pieces were taken`)
  relay.release()
  t.equal((await buffer(socket)).length, 40_000_000)
})

t.test('a link that is held lets nothing through, and goes on where it was', async (t) => {
  const { connect, relay } = await between(t, (socket) => void socket.pipe(socket))
  const socket = await connect()
  relay.hold()
  socket.write('held')
  t.equal(await settled(() => relay.toClient), 0)
  relay.release()
  const [said] = (await once(socket, 'data')) as [Buffer]
  t.equal(said.toString(), 'held')
  socket.destroy()
})

t.test('all connections can be cut at once, and what the link becomes counts for what comes then', async (t) => {
  const { connect, relay } = await between(t, (socket) => void socket.pipe(socket))
  const sockets = [await connect(), await connect()]
  for (const socket of sockets) {
    socket.write('x')
    await once(socket, 'data')
  }
  const ended = Promise.all(sockets.map((socket) => once(socket.on('error', () => {}), 'close')))
  relay.cutAll()
  await ended
  relay.become({ cutAfter: () => 3 })
  const socket = await connect()
  socket.end('xxxxx')
  t.equal((await buffer(socket)).length, 3)
})

t.test('a link that stalls lets everything through all the same', async (t) => {
  const { connect } = await between(t, send(numbered(40_000)), { stall: { afterBytes: () => 10_000, ms: 100 } })
  const socket = await connect()
  const began = performance.now()
  t.equal((await buffer(socket)).length, 40_000)
  t.ok(performance.now() - began >= 290, `${performance.now() - began} ms`)
})

/** The value that a count stops at. */
async function settled(look: () => number): Promise<number> {
  for (let before = -1, same = 0; ; ) {
    const now = look()
    same = now === before ? same + 1 : 0
    if (same === 10) return now
    before = now
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
