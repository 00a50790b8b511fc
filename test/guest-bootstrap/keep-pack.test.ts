import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { zstdCompressSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { GUEST } from '../../contract/paths.ts'
import { MEMORY, remember } from '../../guest-bootstrap/memory.ts'
import { fetch } from '../../guest-bootstrap/stages/fetch.ts'
import { INSTANCE, machine, type Machine } from './machine.ts'
import { signedTree, SIGNING_KEYS, type SignedTree } from './signed-tree.ts'
import { tlsHost } from './tls-host.ts'

/** Contents that no compression makes smaller: a pack of about 270 kB. */
const big = (): SignedTree => signedTree({ 'trove/a.py': randomBytes(100_000).toString('base64'), 'trove/b.py': randomBytes(100_000).toString('base64') })

interface Host {
  served: SignedTree
  /** Bytes after which a connection that sends a pack is cut. */
  cutAfter: number
  /** Whether ranges are honoured. */
  ranges: boolean
  manifest?: (response: ServerResponse) => void
}

async function guestOf(t: Test, host: Host): Promise<{ it: Machine; ranges: string[] }> {
  const ranges: string[] = []
  const { url, ca } = await tlsHost(t, (request, response) => {
    if (request.url === '/v1/manifest') return host.manifest ? host.manifest(response) : void response.end(host.served.body)
    if (request.url === '/v1/contents') return cut(response.writeHead(200), zstdCompressSync('new\n'), 5)
    ranges.push(request.headers.range ?? 'whole')
    answerPack(request, response, host)
  })
  const it = machine(t, { ca })
  const { files } = it.system
  remember(files, MEMORY.identity, { instance: INSTANCE, urls: [url], source: '' })
  remember(files, MEMORY.host, { url, uptime: 0 })
  remember(files, MEMORY.enrolment, { instance: INSTANCE, secret: 's'.repeat(43), granted: { instance: INSTANCE, expires: '2030-01-01T00:00:00Z', signing_keys: [...SIGNING_KEYS], at: 0 } })
  return { it, ranges }
}

function answerPack(request: IncomingMessage, response: ServerResponse, { served: { pack, manifest }, cutAfter, ranges }: Host): void {
  const asked = ranges && request.headers['if-range'] === `"${manifest.pack.zstd.sha256}"` ? Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0) : 0
  const rest = pack.subarray(asked)
  const headers = asked === 0 ? {} : { 'content-range': `bytes ${asked}-${pack.length - 1}/${pack.length}` }
  response.writeHead(asked === 0 ? 200 : 206, { 'content-length': rest.length, ...headers })
  if (rest.length <= cutAfter) return void response.end(rest)
  cut(response, rest, cutAfter)
}

function cut(response: ServerResponse, bytes: Buffer, after: number): void {
  response.write(bytes.subarray(0, after), () => response.destroy())
}

const hidden = ({ system }: Machine): string[] => system.files.list(GUEST.source).filter((name) => name.startsWith('.'))

t.test('a pack on a link that cuts each connection comes in part by part, each byte once', async (t) => {
  const host: Host = { served: big(), cutAfter: 60_000, ranges: true }
  const { it, ranges } = await guestOf(t, host)
  t.match(await fetch.run(it.system), /2 files, 0\.3 MB \(0\.2 MB sent\), verified/)
  t.same(ranges, ['whole', 'bytes=60000-', 'bytes=120000-', 'bytes=180000-'].slice(0, ranges.length))
  t.equal(ranges.length, Math.ceil(host.served.pack.length / 60_000))
  t.same(hidden(it), [], 'nothing is left of the way')
})

t.test('what one try has brought the next one goes on with, also after the tries of one are used up', async (t) => {
  const host: Host = { served: big(), cutAfter: 10_000, ranges: true }
  const { it, ranges } = await guestOf(t, host)
  await t.rejects(fetch.run(it.system), { code: 'HOST_FAILED', message: /the connection broke after 80000 of \d+ bytes; the next try goes on there/, details: { received: 80_000 } })
  host.cutAfter = Infinity
  await fetch.run(it.system)
  t.equal(ranges.at(-1), 'bytes=80000-')
})

t.test('a host without ranges sends all of it again; what it begins anew is not put behind what is there', async (t) => {
  const host: Host = { served: big(), cutAfter: 60_000, ranges: false }
  const { it } = await guestOf(t, host)
  await t.rejects(fetch.run(it.system), { code: 'HOST_FAILED', details: { received: 60_000 } })
  host.cutAfter = Infinity
  await fetch.run(it.system)
  t.equal(it.get(`${GUEST.currentSource}/trove/a.py`).length, 133_336)
})

t.test('a part that is not what it should be costs one more transfer, never a wrong tree', async (t) => {
  const host: Host = { served: big(), cutAfter: 60_000, ranges: false }
  const { it, ranges } = await guestOf(t, host)
  const { sha256 } = host.served.manifest.pack.zstd
  it.put(`${GUEST.source}/.${sha256}.zst`, 'x'.repeat(1000), 0o600)
  Object.assign(host, { cutAfter: Infinity, ranges: true })
  await t.rejects(fetch.run(it.system), { code: 'CONTENT_DIFFERS' })
  await fetch.run(it.system)
  t.same(ranges, ['bytes=1000-', 'whole'])
})

t.test('a host that answers with another range than was asked for is not believed', async (t) => {
  const { url, ca } = await tlsHost(t, (request, response) => {
    if (request.url === '/v1/manifest') return void response.end(served.body)
    response.writeHead(206, { 'content-range': `bytes 5-9/${served.pack.length}` }).end('abcde')
  })
  const served = big()
  const { it } = await guestOf(t, { served, cutAfter: Infinity, ranges: true })
  it.put(GUEST.ca, ca)
  remember(it.system.files, MEMORY.host, { url, uptime: 0 })
  it.put(`${GUEST.source}/.${served.manifest.pack.zstd.sha256}.zst`, 'x'.repeat(1000), 0o600)
  await t.rejects(fetch.run(it.system), { code: 'HOST_ANSWER_INVALID' })
  t.same(hidden(it).filter((name) => name.endsWith('.zst')), [], 'and what lay there is not gone on with')
})

t.test('single contents that break off are followed by the pack, which can be gone on with', async (t) => {
  const same = randomBytes(100_000).toString('base64')
  const [old, fresh] = [signedTree({ 'trove/a.py': same, 'trove/b.py': 'old\n' }), signedTree({ 'trove/a.py': same, 'trove/b.py': 'new\n' })]
  const host: Host = { served: old, cutAfter: Infinity, ranges: true }
  const { it, ranges } = await guestOf(t, host)
  await fetch.run(it.system)
  host.served = fresh
  await fetch.run(it.system)
  t.equal(it.get(`${GUEST.currentSource}/trove/b.py`), 'new\n')
  t.equal(ranges.length, 2)
})

t.test('a manifest that breaks off in its middle is a broken connection, by name', async (t) => {
  const served = big()
  const { it } = await guestOf(t, { served, cutAfter: Infinity, ranges: true, manifest: (response) => cut(response.writeHead(200, { 'content-length': served.body.length }), Buffer.from(served.body), 100) })
  await t.rejects(fetch.run(it.system), { code: 'HOST_FAILED', message: /127\.0\.0\.1:\d+ closed the connection/ })
})

t.test('a disk that refuses the file again and again costs no connection', async (t) => {
  const same = randomBytes(300_000).toString('base64')
  const [old, fresh] = [signedTree({ 'trove/a.py': same, 'trove/b.py': 'old\n' }), signedTree({ 'trove/a.py': same, 'trove/b.py': randomBytes(200_000).toString('base64') })]
  for (const served of [[old], [old, fresh]]) {
    const host: Host = { served: old, cutAfter: Infinity, ranges: true }
    const { it } = await guestOf(t, host)
    const refuse = (): never => {
      throw Object.assign(new Error('EROFS'), { code: 'EROFS' })
    }
    for (const tree of served) {
      host.served = tree
      const files = { ...it.system.files, extend: refuse, create: refuse }
      for (let time = 0; time < 4; time++) await t.rejects(fetch.run({ ...it.system, files }), { code: 'EROFS' })
      await fetch.run(it.system)
    }
    t.match(it.get(`${GUEST.currentSource}/trove/a.py`), same.slice(0, 100))
  }
})
