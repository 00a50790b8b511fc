import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { download } from '../../../publish/fetch/download.ts'
import { fetchImage, type FetchWish } from '../../../publish/fetch/fetch-image.ts'
import { partOf } from '../../../publish/fetch/part.ts'
import { web } from '../../../publish/fetch/web.ts'
import { mirror, sha256, type Mirror } from './mirror.ts'

const IMAGE = Buffer.concat([Buffer.from('QFI\xfb', 'latin1'), randomBytes(3 * 2 ** 20)])
const STOP = new AbortController().signal

async function place(t: Test) {
  const far = await mirror(t)
  far.files.set('/images/base.qcow2', IMAGE)
  const folder = t.testdir({})
  const out = join(folder, 'base.qcow2')
  const said: string[] = []
  const steps = { begin: (name: string) => void said.push(name), update() {}, done: (text: string) => void said.push(text) }
  const fetch = (wish: Partial<FetchWish> = {}) => fetchImage({ url: new URL('/images/base.qcow2', far.url), out, name: 'base.qcow2', force: false, ...wish }, steps, STOP)
  return { far, folder, out, said, fetch }
}

const gets = ({ asked }: Mirror) => asked.filter(({ method, path }) => method === 'GET' && path === '/images/base.qcow2')

t.test('an image comes whole, and a second time nothing is transferred', async (t) => {
  const { far, folder, out, said, fetch } = await place(t)
  t.match(await fetch(), { bytes: IMAGE.length, sha256: sha256(IMAGE), already: false })
  t.ok(readFileSync(out).equals(IMAGE))
  t.same(readdirSync(folder).sort(), ['base.qcow2', 'base.qcow2.origin.json'], 'nothing else is left')
  t.ok(said.some((text) => /no list beside base.qcow2 names it: only its length can be checked/.test(text)), 'that nothing was checked is said')
  t.match(await fetch(), { already: true })
  t.equal(gets(far).length, 1)
})

t.test('a transfer that is cut goes on where it was, by If-Range', async (t) => {
  const { far, out, fetch } = await place(t)
  far.cuts.push(2 ** 20, 2 ** 19)
  await fetch()
  t.ok(readFileSync(out).equals(IMAGE))
  const [, second, third] = gets(far)
  t.match(second!.headers, { range: /^bytes=[1-9]\d*-$/, 'if-range': /^"[0-9a-f]{32}"$/ })
  t.ok(Number(/\d+/.exec(third!.headers.range!)![0]) > Number(/\d+/.exec(second!.headers.range!)![0]), 'each try goes on behind the one before')
})

t.test('a later run goes on with what an earlier one left, and begins anew where the server has another file by then', async (t) => {
  const { far, out, fetch } = await place(t)
  const url = new URL('/images/base.qcow2', far.url)
  const interrupt = async () => {
    const stop = new AbortController()
    far.cuts.push(2 ** 20)
    await t.rejects(download(web(false), url, partOf(out), { tell: (text) => void (/tried again/.test(text) && stop.abort()), signal: stop.signal }))
  }
  await interrupt()
  t.notOk(existsSync(out), 'half a file has not the name of a whole one')
  await fetch()
  t.match(gets(far).at(-1)!.headers, { range: /^bytes=[1-9]\d*-$/ })
  const newer = randomBytes(IMAGE.length)
  await interrupt()
  far.files.set('/images/base.qcow2', newer)
  await fetch({ force: true })
  t.ok(readFileSync(out).equals(newer))
})

t.test('what is not as its list says is removed, and said', async (t) => {
  const { far, folder, fetch } = await place(t)
  far.files.set('/images/SHA512SUMS', Buffer.from(`${'a'.repeat(128)}  base.qcow2\n`))
  await t.rejects(fetch(), { name: 'Failure', message: /is not what it has to be, and was removed: its sha512 is [0-9a-f]{128}, and http.*SHA512SUMS says aaaa/ })
  t.same(readdirSync(folder), [])
})

t.test('a file that is there is taken for the same by its checksum alone, and never replaced unasked', async (t) => {
  const { far, out, fetch } = await place(t)
  far.files.set('/images/SHA256SUMS', Buffer.from(`${sha256(IMAGE)} *base.qcow2\n`))
  writeFileSync(out, IMAGE)
  t.match(await fetch(), { already: true, checked_by: /SHA256SUMS$/ })
  writeFileSync(out, 'mine')
  await t.rejects(fetch(), { name: 'Refusal', message: /is there, and is not what http.* is now\.\n {2}--force/ })
  t.equal(readFileSync(out, 'utf8'), 'mine')
  t.match(await fetch({ force: true }), { already: false })
  t.ok(readFileSync(out).equals(IMAGE))
})

t.test('without a checksum, a file of unknown origin or one that was altered is not taken for the same', async (t) => {
  const { out, fetch } = await place(t)
  writeFileSync(out, IMAGE)
  await t.rejects(fetch(), { message: /nothing tells whether it is what/ })
  await fetch({ force: true })
  writeFileSync(out, 'altered')
  await t.rejects(fetch(), { message: /nothing tells whether it is what/ })
})

t.test('an address without an image is refused with what to do, and leaves nothing', async (t) => {
  const { far, folder, fetch } = await place(t)
  far.files.set('/page.html', Buffer.from('<!doctype html>'))
  far.files.set('/disguised.qcow2', Buffer.from('<html><body>please log in'))
  await t.rejects(fetch({ url: new URL('/gone.qcow2', far.url) }), { name: 'Refusal', message: /there is no http.*gone\.qcow2 \(404\)\.\n/ })
  await t.rejects(fetch({ url: new URL('/page.html', far.url) }), { name: 'Refusal', message: /is a web page, not an image/ })
  await t.rejects(fetch({ url: new URL('/disguised.qcow2', far.url) }), { name: 'Refusal', message: /is a web page, not an image/ })
  t.same(readdirSync(folder), [])
})

t.test('a server that cuts every try is given up, and what came of it is kept', async (t) => {
  const { far, out } = await place(t)
  far.cuts.push(2 ** 20, 0, 0, 0, 0, 0, 0)
  const trying = download(web(false), new URL('/images/base.qcow2', far.url), partOf(out), { tell: () => {}, signal: STOP, pause: 1 })
  await t.rejects(trying, { name: 'Failure', message: /does not come whole: the connection ended after .*\n {2}type the same again later: it goes on behind the .* in .*base\.qcow2\.part/ })
})

t.test('a server that is not there is said at once', async (t) => {
  const { fetch } = await place(t)
  await t.rejects(fetch({ url: new URL('http://127.0.0.1:1/base.qcow2'), sha256: sha256(IMAGE) }), { name: 'Failure', message: /^127\.0\.0\.1:1 gives no answer: .*ECONNREFUSED/ })
})

t.test('a transfer that cannot be gone on with begins anew', async (t) => {
  const { far, out, fetch } = await place(t)
  far.validators = false
  far.cuts.push(2 ** 20)
  await fetch()
  t.ok(readFileSync(out).equals(IMAGE))
  t.equal(gets(far).at(-1)!.headers.range, undefined)
})

t.test('a proxy of the environment is used', async (t) => {
  const { far, fetch } = await place(t)
  process.env['HTTP_PROXY'] = far.url
  t.teardown(() => delete process.env['HTTP_PROXY'])
  far.files.set('http://mirror.example/base.qcow2', IMAGE)
  t.match(await fetch({ url: new URL('http://mirror.example/base.qcow2') }), { bytes: IMAGE.length })
})
