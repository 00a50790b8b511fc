import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { upload, type Body } from '../../../openstack/http/upload.ts'
import { trustOf } from '../../../openstack/http/trust.ts'
import { patience, standInCloud } from '../stand-in-cloud.ts'

const DATA = randomBytes(3 * 2 ** 20)

/** Counts how often it is opened. */
function body(data = DATA): Body & { opened: number } {
  return {
    bytes: data.length,
    opened: 0,
    async *open() {
      this.opened += 1
      for (let at = 0; at < data.length; at += 2 ** 16) yield data.subarray(at, at + 2 ** 16)
    },
  }
}

interface Handlers {
  readonly answer?: RequestListener
  /** In place of saying "continue" at once. */
  readonly expected?: RequestListener
}

async function server(t: Test, { answer = taken, expected }: Handlers) {
  const listening = createServer(answer)
  if (expected !== undefined) listening.on('checkContinue', expected)
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    listening.closeAllConnections()
    listening.close()
  })
  const url = `http://127.0.0.1:${(listening.address() as AddressInfo).port}`
  const trust = trustOf({ authUrl: url, verify: true } as Parameters<typeof trustOf>[0])
  return { url, send: (what: Body) => upload({ service: 'Glance', method: 'PUT', url, headers: {}, trust }, what, patience()) }
}

async function received(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = []
  request.on('data', (piece: Buffer) => pieces.push(piece))
  await new Promise((resolve) => request.once('close', resolve).once('end', resolve))
  return Buffer.concat(pieces)
}

async function taken(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const data = await received(request)
  response.writeHead(data.equals(DATA) && request.headers['content-length'] === String(DATA.length) ? 204 : 400).end()
}

t.test('a body goes out in pieces and whole', async (t) => {
  const { send } = await server(t, {})
  t.equal((await send(body())).statusCode, 204)
})

t.test('who is refused hears so before a byte was sent', async (t) => {
  const { send } = await server(t, { expected: (_request, response) => void response.writeHead(413).end('{"message":"too much"}') })
  const what = body()
  t.match(await send(what), { statusCode: 413, body: Buffer.from('{"message":"too much"}') })
  t.equal(what.opened, 0)
})

t.test('a server that does not say "continue" gets the body all the same', async (t) => {
  const { send } = await server(t, { expected: taken })
  t.equal((await send(body())).statusCode, 204)
})

t.test('a connection that ends in the middle is an error, not an answer', async (t) => {
  const { send } = await server(t, { answer: (request) => void request.once('data', () => request.socket.destroy()) })
  await t.rejects(send(body()), { code: /ECONNRESET|EPIPE/ })
})

t.test('a file that cannot be read ends the transfer with its own reason', async (t) => {
  const { send } = await server(t, {})
  const broken: Body = {
    bytes: 100,
    async *open() {
      yield Buffer.alloc(10)
      throw new Error('the disk is broken')
    },
  }
  await t.rejects(send(broken), { message: 'the disk is broken' })
})

t.test('with a token that is refused, the body is sent again from its beginning', async (t) => {
  const tokens: unknown[] = []
  const { url } = await server(t, {
    answer: async (request, response) => {
      tokens.push(request.headers['x-auth-token'])
      const whole = (await received(request)).equals(DATA)
      response.writeHead(tokens.length === 1 ? 401 : whole ? 204 : 400).end()
    },
  })
  const { cloud } = await standInCloud(t, {}, { settings: { endpoints: { image: url } } })
  const what = body()
  t.equal((await cloud.call({ service: 'image', method: 'PUT', path: '/images/1/file', body: what }, patience())).status, 204)
  t.equal(what.opened, 2)
  t.not(tokens[0], tokens[1])
})

t.test('a transfer is not begun with a token that is about to run out', async (t) => {
  const { url } = await server(t, {})
  const { cloud, logins } = await standInCloud(t, {}, { settings: { endpoints: { image: url } } }) // its tokens ran out long ago
  await cloud.session(patience())
  await cloud.call({ service: 'image', method: 'PUT', path: '/images/1/file', body: body() }, patience())
  t.equal(logins(), 2)
})
