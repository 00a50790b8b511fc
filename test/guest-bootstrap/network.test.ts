import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type AddressInfo, type Server } from 'node:net'
import t, { type Test } from 'tap'
import { MEMORY, recall, remember } from '../../guest-bootstrap/memory.ts'
import { network } from '../../guest-bootstrap/stages/network.ts'
import { realHttp } from '../../guest-bootstrap/machine/real-http.ts'
import { INSTANCE, machine, type Machine, type MachineOptions } from './machine.ts'
import { tlsHost, type TlsHostOptions } from './tls-host.ts'

const DAY_MS = 86_400_000
const well = (date = new Date()) => (_request: unknown, response: import('node:http').ServerResponse) => void response.setHeader('date', date.toUTCString()).end('{}')

function guest(t: Test, urls: string[], options: MachineOptions = {}): Machine {
  // The stage waits five seconds for silence; here half a second tells the same.
  const http: typeof realHttp = (request) => realHttp({ ...request, timeout: 500 })
  const it = machine(t, { ...options, changed: { http, ...options.changed } })
  remember(it.system.files, MEMORY.identity, { instance: INSTANCE, urls, source: '' })
  return it
}

async function listening(t: Test, server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`
}

t.test('the first address that answers is taken', async (t) => {
  const host = await tlsHost(t, well())
  const it = guest(t, ['https://127.0.0.1:1', host.url], { ca: host.ca })
  t.equal(await network.done(it.system), false)
  t.equal(await network.run(it.system), `10.0.2.15 on eth0 · ${host.url} · clock agrees`)
  t.equal(recall(it.system.files, MEMORY.host)?.url, host.url)
  t.equal(await network.done(it.system), true)
  t.same(host.asked, ['GET /healthz'])
})

t.test('an address that the instance no longer names is not gone on with', async (t) => {
  const it = guest(t, ['https://new:1'])
  remember(it.system.files, MEMORY.host, { url: 'https://old:1', uptime: 0 })
  t.equal(await network.done(it.system), false)
})

t.test('a clock some hours off is noted', async (t) => {
  const host = await tlsHost(t, well(new Date(Date.now() - 7200_000)))
  const it = guest(t, [host.url], { ca: host.ca })
  t.match(await network.run(it.system), /clock 720\d s ahead$/)
})

t.test('no address at all: NO_ADDRESS', async (t) => {
  const it = guest(t, ['https://127.0.0.1:1'], { changed: { addresses: () => [] } })
  await t.rejects(network.run(it.system), { code: 'NO_ADDRESS' })
})

const tls: { title: string; options: TlsHostOptions; date?: Date; code: string; message?: RegExp; details?: object }[] = [
  { title: 'a certificate for another name', options: { names: ['10.1.1.1'] }, code: 'HOST_CERTIFICATE_NAME', message: /trovestrap init --renew/ },
  { title: 'a certificate that has expired', options: { made: new Date(Date.now() - 10 * DAY_MS), lifetime: 86_400 }, code: 'HOST_CERTIFICATE_EXPIRED', message: /valid from .* to / },
  {
    title: 'a guest whose clock is years ahead',
    options: { made: new Date(Date.now() - 3000 * DAY_MS), lifetime: 86_400 },
    date: new Date(Date.now() - 3000 * DAY_MS),
    code: 'CLOCK_OFF',
    message: /this guest says 20.*, the host 20/,
    details: { off_seconds: 3000 * 86_400 },
  },
  {
    title: 'a guest whose clock is years behind',
    options: { made: new Date(Date.now() + 3000 * DAY_MS) },
    date: new Date(Date.now() + 3000 * DAY_MS),
    code: 'CLOCK_OFF',
    details: { off_seconds: -3000 * 86_400 },
  },
  { title: 'a clock days off, though the certificate fits', options: {}, date: new Date(Date.now() + 3 * DAY_MS), code: 'CLOCK_OFF' },
  { title: 'TLS 1.2', options: { maxVersion: 'TLSv1.2' }, code: 'HOST_NOT_TLS' },
]
for (const { title, options, date, code, message, details } of tls) {
  t.test(`${title}: ${code}`, async (t) => {
    const host = await tlsHost(t, well(date), options)
    const it = guest(t, [host.url], { ca: host.ca })
    const fault = await network.run(it.system).then(() => undefined, (error: unknown) => error as { code: string; message: string; details: Record<string, unknown> })
    t.equal(fault?.code, code, String(fault?.message))
    if (message) t.match(fault?.message, message)
    for (const [name, value] of Object.entries(details ?? {})) t.ok(Math.abs(Number(fault?.details[name]) - value) < 100, `${name} ${fault?.details[name]}`)
  })
}

t.test('another CA: HOST_UNTRUSTED, with address and port', async (t) => {
  const [host, other] = [await tlsHost(t, well()), await tlsHost(t, well())]
  const it = guest(t, [host.url], { ca: other.ca })
  await t.rejects(network.run(it.system), { code: 'HOST_UNTRUSTED', details: { host: '127.0.0.1', port: Number(new URL(host.url).port) } })
})

const others: { title: string; url: (t: Test) => Promise<string> | string; code: string }[] = [
  { title: 'a refused connection', url: () => 'https://127.0.0.1:1', code: 'HOST_REFUSED' },
  { title: 'a name that does not resolve', url: () => 'https://nowhere.invalid:15555', code: 'HOST_UNKNOWN' },
  { title: 'an HTTP server', url: (t) => listening(t, createHttpServer((_request, response) => void response.end()) as Server), code: 'HOST_NOT_TLS' },
  { title: 'a port that says nothing', url: (t) => listening(t, createServer((socket) => socket.on('error', () => {}).unref())), code: 'HOST_SILENT' },
  { title: 'a port that hangs up', url: (t) => listening(t, createServer((socket) => void socket.destroy())), code: 'HOST_FAILED' },
]
for (const { title, url, code } of others) {
  t.test(`${title}: ${code}`, async (t) => {
    const host = await tlsHost(t, well())
    const it = guest(t, [await url(t)], { ca: host.ca })
    await t.rejects(network.run(it.system), { code })
    t.equal(await network.done(it.system), false)
  })
}

t.test('a host that cannot be reached is told with the way that packets take to it', async (t) => {
  const host = await tlsHost(t, well())
  const it = guest(t, ['https://127.0.0.1:1'], { ca: host.ca, programs: () => ({ stdout: '127.0.0.1 dev docker0 src 172.17.0.1 uid 0 \\    cache\n' }) })
  await t.rejects(network.run(it.system), { code: 'HOST_REFUSED', details: { host: '127.0.0.1', port: 1, dev: 'docker0', source: '172.17.0.1' } })
})

for (const [status, code, wait] of [[500, 'HOST_FAILED', 7], [429, 'HOST_FAILED', 7], [404, 'HOST_ANSWER_INVALID', undefined]] as const) {
  t.test(`an answer of ${status}: ${code}`, async (t) => {
    const host = await tlsHost(t, (_request, response) => void response.writeHead(status, { 'retry-after': '7' }).end())
    const it = guest(t, [host.url], { ca: host.ca })
    await t.rejects(network.run(it.system), { code, details: { status }, wait })
  })
}

t.test('of several addresses the fault that says most is told, and the others with it', async (t) => {
  const [host, other] = [await tlsHost(t, well()), await tlsHost(t, well())]
  const it = guest(t, ['https://127.0.0.1:1', host.url], { ca: other.ca })
  await t.rejects(network.run(it.system), { code: 'HOST_UNTRUSTED', message: /also: the host refused the connection: 127\.0\.0\.1:1\)/ })
})

t.test('a guest that goes on alone looks for its host every half minute, and says so only when it is back', async (t) => {
  const host = await tlsHost(t, well())
  const it = guest(t, ['https://127.0.0.1:1'], { ca: host.ca })
  remember(it.system.files, MEMORY.host, { uptime: it.clock.uptime })
  t.equal(await network.done(it.system), true)
  it.clock.uptime += 31
  t.equal(await network.done(it.system), true, 'still away')
  remember(it.system.files, MEMORY.identity, { instance: INSTANCE, urls: [host.url], source: '' })
  t.equal(await network.done(it.system), true, 'not asked again at once')
  it.clock.uptime += 31
  t.equal(await network.done(it.system), false)
})
