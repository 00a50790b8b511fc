import t from 'tap'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { address, ROUTES } from '../../../contract/routes.ts'
import { parseRange } from '../../../host-server/send-file.ts'
import { Transfers } from '../../../host-server/transfers.ts'
import { credentialOf, hostOf, ONE, PACK, PACK_SHA256 } from '../host-of.ts'

const content = address(ROUTES.content, PACK_SHA256)

t.test('the manifest comes with a tag, as zstd where that is understood, and is not sent twice', async (t) => {
  const host = await hostOf(t)
  host.enrol(ONE)
  const first = await host.ask('GET', ROUTES.manifest, credentialOf(ONE))
  t.same(first.json(), { key: 'k', payload: 'cA==', signature: 'cw==' })
  t.match(first.headers, { etag: '"manifest-1"', 'content-type': 'application/json; charset=utf-8' })
  const smaller = await host.ask('GET', ROUTES.manifest, credentialOf(ONE), { headers: { 'accept-encoding': 'gzip, zstd' } })
  t.match(smaller.headers, { etag: '"manifest-1"', 'content-encoding': 'zstd', vary: 'accept-encoding' })
  t.same(JSON.parse(zstdDecompressSync(smaller.rawPayload).toString()), first.json())
  const again = await host.ask('GET', ROUTES.manifest, credentialOf(ONE), { headers: { 'if-none-match': 'W/"other", "manifest-1"' } })
  t.same([again.statusCode, again.body], [304, ''])
})

t.test('content comes whole, with its length, to be kept for ever', async (t) => {
  const host = await hostOf(t)
  host.enrol(ONE)
  const headers = {
    etag: `"${PACK_SHA256}"`,
    'content-length': String(PACK.length),
    'accept-ranges': 'bytes',
    'cache-control': 'private, max-age=31536000, immutable',
    'content-type': 'application/octet-stream',
  }
  const whole = await host.ask('GET', content, credentialOf(ONE))
  t.same([whole.statusCode, whole.rawPayload], [200, PACK])
  t.match(whole.headers, headers)
  const head = await host.ask('HEAD', content, credentialOf(ONE))
  t.same([head.statusCode, head.body], [200, ''])
  t.match(head.headers, headers)
  const known = await host.ask('GET', content, credentialOf(ONE), { headers: { 'if-none-match': `"${PACK_SHA256}"` } })
  t.equal(known.statusCode, 304)
})

t.test('a download goes on where it broke off', async (t) => {
  const host = await hostOf(t)
  host.enrol(ONE)
  const ask = (range: string, more = {}) => host.ask('GET', content, credentialOf(ONE), { headers: { range, ...more } })
  const rest = await ask('bytes=4-')
  t.same([rest.statusCode, rest.rawPayload, rest.headers['content-range'], rest.headers['content-length']], [
    206,
    PACK.subarray(4),
    `bytes 4-${PACK.length - 1}/${PACK.length}`,
    String(PACK.length - 4),
  ])
  const behind = await ask(`bytes=${PACK.length}-`)
  t.same([behind.statusCode, behind.headers['content-range']], [416, `bytes */${PACK.length}`])
  t.equal((await ask('bytes=4-', { 'if-range': '"other"' })).statusCode, 200, 'the rest of something else is of no use')
})

t.test('content that is not offered, or whose file is gone, is 404', async (t) => {
  const host = await hostOf(t, { offer: { content: new Map([[PACK_SHA256, '/nonexistent/pack']]) } })
  host.enrol(ONE)
  t.equal((await host.ask('GET', content, credentialOf(ONE))).statusCode, 404)
  t.equal((await host.ask('GET', address(ROUTES.content, '0'.repeat(64)), credentialOf(ONE))).statusCode, 404)
})

t.test('ranges', async (t) => {
  const cases: [string | undefined, ReturnType<typeof parseRange>][] = [
    [undefined, undefined],
    ['bytes=0-0', { start: 0, end: 0 }],
    ['bytes=5-', { start: 5, end: 9 }],
    ['bytes=5-100', { start: 5, end: 9 }],
    ['bytes=-3', { start: 7, end: 9 }],
    ['bytes=-100', { start: 0, end: 9 }],
    ['bytes=-0', 'behind'],
    ['bytes=10-', 'behind'],
    ['bytes=5-4', undefined],
    ['bytes=0-1,3-4', undefined],
    ['bytes=-', undefined],
    ['lines=1-2', undefined],
  ]
  for (const [header, expected] of cases) t.same(parseRange(header, 10), expected, String(header))
  t.equal(parseRange('bytes=-3', 0), 'behind', 'of an empty file there is no last byte')
})

t.test('single contents come in the order of the manifest, each once; an unknown digest is 404', async (t) => {
  const pack = join(t.testdirName, 'whole.zst')
  const texts = ['one\n', '', 'two '.repeat(100_000), 'one\n', 'three\n']
  const digest = (index: number): string => String(index === 3 ? 0 : index).repeat(64)
  const pieces = texts.map((text, index) => ({ sha256: digest(index), size: text.length }))
  const host = await hostOf(t, {
    offer: { content: new Map([[PACK_SHA256, pack]]), manifest: { revision: 'r', etag: '"m"', body: '{}', zstd: Buffer.of(), pack: { sha256: PACK_SHA256, pieces } } },
  })
  writeFileSync(pack, zstdCompressSync(texts.join('')))
  host.enrol(ONE)
  const ask = (wanted: unknown, credential: string | undefined = credentialOf(ONE)) => host.ask('POST', ROUTES.contents, credential, { payload: JSON.stringify(wanted), headers: { 'content-type': 'application/json' } })
  const answer = await ask([digest(4), digest(0), digest(1)])
  t.same([answer.statusCode, zstdDecompressSync(answer.rawPayload).toString()], [200, 'one\nthree\n'])
  t.equal(zstdDecompressSync((await ask([digest(2)])).rawPayload).toString(), texts[2])
  const unknown = await ask([digest(0), 'f'.repeat(64)])
  t.same([unknown.statusCode, unknown.json()], [404, { code: 'NOT_FOUND', message: '1 of 2 digests are not in the manifest that is handed out; ask for it again' }])
  for (const wrong of [[], ['../x'], {}]) t.equal((await ask(wrong)).statusCode, 400)
  t.equal((await ask([digest(0)], host.token)).statusCode, 401)
  t.equal((await host.ask('POST', ROUTES.contents, undefined, { payload: [digest(0)] })).statusCode, 401)
})

t.test('what is large is sent to a few at a time: who would wait too long is told so, and who lacks nothing does not wait', async (t) => {
  const host = await hostOf(t, { transfers: new Transfers({ atOnce: 0, hold: 1, patience: 1, ofOne: 4 }) })
  host.enrol(ONE)
  const asked = [host.ask('GET', ROUTES.manifest, credentialOf(ONE)), host.ask('GET', content, credentialOf(ONE)), host.ask('POST', ROUTES.contents, credentialOf(ONE), { payload: [PACK_SHA256] })]
  for (const { statusCode, headers, body } of await Promise.all(asked)) {
    t.same([statusCode, JSON.parse(body).code], [503, 'BUSY'])
    t.ok(Number(headers['retry-after']) >= 2)
  }
  t.same([(await host.ask('HEAD', content, credentialOf(ONE), { headers: { accept: 'application/gzip' } })).statusCode], [200], 'a HEAD has nothing compressed that nobody gets')
  t.equal((await host.ask('GET', ROUTES.manifest, credentialOf(ONE), { headers: { 'if-none-match': '"manifest-1"' } })).statusCode, 304)
  t.equal((await host.ask('GET', address(ROUTES.config, ONE), credentialOf(ONE))).statusCode, 200)
})
