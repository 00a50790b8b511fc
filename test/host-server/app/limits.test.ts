// How long and how much; that many at once harm nobody is test/torture/slow-clients.ts.
import { once } from 'node:events'
import { truncateSync, writeFileSync } from 'node:fs'
import { createConnection, type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { address, ROUTES } from '../../../contract/routes.ts'
import { MOST_OPEN_QUESTIONS, type ServerLimits } from '../../../host-server/limits.ts'
import { credentialOf, hostOf, ONE, PACK_SHA256 } from '../host-of.ts'

/** Says something on a connection and nothing more. */
async function connected(t: Test, limits: Partial<ServerLimits>, text: string): Promise<{ client: Socket; closed: Promise<unknown>; received: () => string }> {
  const pack = join(t.testdirName, 'large')
  const host = await hostOf(t, { limits, offer: { content: new Map([[PACK_SHA256, pack]]) } })
  writeFileSync(pack, '')
  truncateSync(pack, 64 * 1024 * 1024)
  host.enrol(ONE)
  await host.app.listen({ host: '127.0.0.1', port: 0 })
  const accepted = once(host.app.server, 'connection')
  const client = createConnection({ host: '127.0.0.1', port: (host.app.server.address() as AddressInfo).port }).on('error', () => {})
  t.teardown(() => client.destroy())
  let received = ''
  client.on('data', (chunk: Buffer) => (received += chunk.toString()))
  client.write(text)
  const [socket] = (await accepted) as [Socket]
  return { client, closed: once(socket, 'close'), received: () => received }
}

const head = (method: string, path: string, ...more: string[]): string => [`${method} ${path} HTTP/1.1`, 'Host: h', `Authorization: Bearer ${credentialOf(ONE)}`, ...more, '', ''].join('\r\n')
const BRIEF = { connectionsCheckingInterval: 20 }

t.test('a download that nobody reads ends', async (t) => {
  const { client, closed, received } = await connected(t, { connectionTimeout: 150 }, head('GET', address(ROUTES.content, PACK_SHA256)))
  await once(client, 'data')
  client.pause()
  await closed
  t.match(received(), /^HTTP\/1\.1 200 /)
  t.ok(client.bytesRead < 64 * 1024 * 1024)
})

t.test('a connection that says nothing ends', async (t) => {
  const { closed, received } = await connected(t, { ...BRIEF, headersTimeout: 100 }, '')
  await closed
  t.equal(received(), '')
})

t.test('headers and bodies that do not end in time end the connection', async (t) => {
  const headers = await connected(t, { ...BRIEF, headersTimeout: 100 }, 'GET /healthz HTTP/1.1\r\nHost: ')
  await headers.closed
  const body = await connected(t, { ...BRIEF, headersTimeout: 100, requestTimeout: 150 }, head('POST', address(ROUTES.reports, ONE), 'Content-Type: application/json', 'Content-Length: 100') + '[')
  await body.closed
  t.same([headers.received(), body.received()], ['', ''])
})

t.test('headers beyond 8 KiB are refused', async (t) => {
  const { closed, received } = await connected(t, {}, head('GET', ROUTES.manifest, `X-Long: ${'x'.repeat(9000)}`))
  await closed
  t.equal(received(), '')
})

t.test('a body that is larger than its limit is refused before its end, and the connection with it', async (t) => {
  const { client, closed, received } = await connected(t, {}, head('POST', address(ROUTES.reports, ONE), 'Content-Type: application/json', 'Transfer-Encoding: chunked'))
  const more = (): void => {
    while (client.writable && client.write(`10000\r\n${' '.repeat(0x10000)}\r\n`));
  }
  client.on('drain', more)
  more()
  await closed
  t.match(received(), /^HTTP\/1\.1 413 |^$/, 'the answer may be lost with the connection')
})

t.test('a connection that asks on and on without waiting for answers ends', async (t) => {
  const { closed, received } = await connected(t, {}, head('GET', ROUTES.manifest).repeat(100))
  await closed
  t.ok((received().match(/HTTP\/1\.1 200/g) ?? []).length <= MOST_OPEN_QUESTIONS)
})

t.test('a connection that has asked and goes on asking is one for so many questions', async (t) => {
  const { closed, received } = await connected(t, { maxRequestsPerSocket: 2, keepAliveTimeout: 50 }, head('GET', ROUTES.manifest).repeat(2))
  await closed
  t.same(received().match(/HTTP\/1\.1 \d+|^connection: .*$/gim), ['HTTP/1.1 200', 'Connection: keep-alive', 'HTTP/1.1 200', 'Connection: close'])
})
