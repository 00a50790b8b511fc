import type { ServerResponse } from 'node:http'
import { zstdCompressSync } from 'node:zlib'
import { readFileSync, statSync, readlinkSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { SigningKey } from '../../contract/envelope.ts'
import { Fault } from '../../contract/fault.ts'
import { revisionOf, type Entry, type Manifest } from '../../contract/manifest.ts'
import { GUEST } from '../../contract/paths.ts'
import { FOLLOW_HEADER } from '../../contract/routes.ts'
import { MEMORY, recall, remember } from '../../guest-bootstrap/memory.ts'
import { fetch } from '../../guest-bootstrap/stages/fetch.ts'
import { receive } from '../../guest-bootstrap/tree/download.ts'
import { filesOf, layOut, Unpacking } from '../../guest-bootstrap/tree/unpack.ts'
import { checkManifest } from '../../guest-bootstrap/tree/check-manifest.ts'
import { makeSigningKey, publicSigningKey } from '../../host-server/pki/signing-key.ts'
import { INSTANCE, machine, type Machine, type MachineOptions } from './machine.ts'
import { sha256, signed, signedTree, SIGNING_KEYS, type SignedTree } from './signed-tree.ts'
import { tlsHost } from './tls-host.ts'

const OLD = { 'trove/__init__.py': '', 'trove/version.py': 'old\n' }
const NEW = { 'contrib/trove-guestagent': '#!/usr/bin/env python3\n', 'trove/__init__.py': '', 'trove/version.py': 'new\n', 'trove/latest': '-> version.py' }
const secret = 's'.repeat(43)

interface Served {
  body: string
  pack: Buffer
  /** Answers the manifest's address, or the pack's, in another way. */
  answerManifest?: (response: ServerResponse) => void
  /** Whether it wants to be followed. */
  follow?: boolean
  answerPack?: (response: ServerResponse) => void
  status?: number
  /** Whose signature counts, as the host says to an enrolment. */
  keys?: readonly SigningKey[]
  /** Status of the answer to an enrolment. */
  enrolment?: number
}

async function guestOf(t: Test, served: Served, changed: MachineOptions['changed'] = {}): Promise<{ it: Machine; asked: string[] }> {
  const host = await tlsHost(t, (request, response) => {
    if (request.headers.authorization !== `Bearer ${INSTANCE}.${secret}`) return void response.writeHead(401).end()
    if (request.url === '/v1/enrol') {
      const granted = { instance: INSTANCE, expires: '2030-01-01T00:00:00Z', signing_keys: served.keys ?? SIGNING_KEYS }
      return void response.writeHead(served.enrolment ?? 200).end(JSON.stringify(granted))
    }
    if (request.url === '/v1/manifest') {
      const etag = `"${sha256(served.body)}"`
      if (served.answerManifest) return served.answerManifest(response)
      if (served.follow) response.setHeader(FOLLOW_HEADER, 'yes')
      if ((request.headers['if-none-match'] ?? '').split(', ').includes(etag)) return void response.writeHead(304).end()
      return void response.writeHead(served.status ?? 200, { etag }).end(served.body)
    }
    // Such as an older host is: it has only whole packs.
    if (request.url === '/v1/contents') return void response.writeHead(404).end('{}')
    if (served.answerPack) return served.answerPack(response)
    response.end(served.pack)
  })
  const it = machine(t, { changed, ca: host.ca })
  const { files } = it.system
  remember(files, MEMORY.identity, { instance: INSTANCE, urls: [host.url], source: '' })
  remember(files, MEMORY.host, { url: host.url, uptime: 0 })
  remember(files, MEMORY.enrolment, {
    instance: INSTANCE,
    secret,
    granted: { instance: INSTANCE, expires: '2030-01-01T00:00:00Z', signing_keys: [...SIGNING_KEYS], at: 0 },
  })
  return { it, asked: host.asked }
}

const live = (it: Machine, path: string): string => readFileSync(join(it.root, GUEST.currentSource, path), 'utf8')
const names = (it: Machine): string[] => readdirSync(join(it.root, GUEST.source)).sort()

t.test('a tree comes in whole, with its modes and links, and is then left alone', async (t) => {
  const tree = signedTree(NEW)
  const { it, asked } = await guestOf(t, tree)
  t.equal(await fetch.done(it.system), false)
  t.equal(await fetch.run(it.system), `${tree.manifest.revision.slice(0, 7)} (trove 18.0.0): 4 files, 0.0 MB (0.0 MB sent), verified`)
  t.equal(live(it, 'trove/version.py'), 'new\n')
  t.equal(live(it, 'trove/latest'), 'new\n')
  t.equal(readlinkSync(join(it.root, GUEST.currentSource)), tree.manifest.revision)
  const mode = (path: string): string => (statSync(join(it.root, GUEST.currentSource, path)).mode & 0o777).toString(8)
  t.same(['contrib', 'contrib/trove-guestagent', 'trove/version.py'].map(mode), ['755', '755', '644'])
  t.equal(await fetch.done(it.system), true)
  t.same(asked, ['GET /v1/manifest', `GET /v1/content/${tree.manifest.pack.zstd.sha256}`, 'GET /v1/manifest'])
})

t.test('a new revision takes the place of the old one, which is kept; the one before is removed', async (t) => {
  const trees = [signedTree(OLD), signedTree(NEW), signedTree({ ...NEW, 'trove/version.py': 'newest\n' })]
  const served: Served = { ...trees[0]! }
  const { it } = await guestOf(t, served)
  for (const tree of trees) {
    Object.assign(served, tree)
    t.equal(await fetch.done(it.system), false)
    await fetch.run(it.system)
  }
  t.equal(live(it, 'trove/version.py'), 'newest\n')
  t.same(names(it), ['current', trees[1]!.manifest.revision, trees[2]!.manifest.revision].sort())
})

t.test('a manifest that came when another one was asked for is not fetched twice, packed or not', async (t) => {
  const served: Served = { ...signedTree(OLD) }
  const { it, asked } = await guestOf(t, served)
  await fetch.run(it.system)
  const tree = signedTree(NEW)
  Object.assign(served, tree, { answerManifest: packed(zstdCompressSync(tree.body)) })
  asked.length = 0
  t.equal(await fetch.done(it.system), false)
  await fetch.run(it.system)
  t.equal(live(it, 'trove/version.py'), 'new\n')
  t.equal(asked.filter((line) => line === 'GET /v1/manifest').length, 1)
})

t.test('other requirements for the same tree need no second download', async (t) => {
  const served: Served = { ...signedTree(NEW) }
  const { it, asked } = await guestOf(t, served)
  await fetch.run(it.system)
  Object.assign(served, signedTree(NEW, { python: { requires: '', requirements: ['passlib'], constraints: [] } }))
  t.equal(await fetch.done(it.system), false)
  t.match(await fetch.run(it.system), /there already, verified$/)
  t.equal(asked.filter((one) => one.includes('/content/')).length, 1)
})

t.test('a file that was damaged is found in the next boot, and the tree is made whole', async (t) => {
  const { it } = await guestOf(t, signedTree(NEW))
  await fetch.run(it.system)
  it.put(`${GUEST.currentSource}/trove/version.py`, 'n\0w\n')
  t.equal(await fetch.done(it.system), true, 'within one boot it is not read again')
  it.system.files.remove(MEMORY.verified.path)
  t.equal(await fetch.done(it.system), false)
  await fetch.run(it.system)
  t.equal(live(it, 'trove/version.py'), 'new\n')
})

t.test('a host that is away does not take a whole tree away', async (t) => {
  const { it } = await guestOf(t, signedTree(NEW))
  await fetch.run(it.system)
  remember(it.system.files, MEMORY.host, { url: 'https://127.0.0.1:1', uptime: 0 })
  t.equal(await fetch.done(it.system), true)
  t.equal(recall(it.system.files, MEMORY.host), undefined, 'the network stage looks for it again')
})

const file = (path: string, text = 'x'): Entry => ({ type: 'file', path, mode: 0o644, size: text.length, sha256: sha256(text) })
const link = (path: string, target: string): Entry => ({ type: 'link', path, target })
/** A manifest of just these entries, signed well, revision and all. */
const of = (entries: Entry[], changed: Partial<Manifest> = {}): Served => {
  const { manifest, pack } = signedTree({ a: 'x' })
  const size = entries.reduce((sum, entry) => sum + (entry.type === 'file' ? entry.size : 0), 0)
  return { body: signed({ ...manifest, entries, revision: revisionOf(entries), pack: { ...manifest.pack, size }, ...changed }), pack }
}

function packed(bytes: Buffer): (response: ServerResponse) => void {
  return (response) => void response.writeHead(200, { 'content-encoding': 'zstd' }).end(bytes)
}

const malicious: { title: string; served: Served; code: string; message?: RegExp }[] = [
  { title: 'a path with ..', served: of([file('../evil')]), code: 'MANIFEST_INVALID', message: /"\.\.\/evil" is not a path inside the tree/ },
  { title: 'a path with .. in its middle', served: of([file('a/../../evil')]), code: 'MANIFEST_INVALID' },
  { title: 'an absolute path', served: of([file('/etc/passwd')]), code: 'MANIFEST_INVALID' },
  { title: 'a path with NUL', served: of([file('a\0b')]), code: 'MANIFEST_INVALID' },
  { title: 'a link that leads out', served: of([link('a/b', '../../etc')]), code: 'MANIFEST_INVALID', message: /leads out of the tree/ },
  { title: 'a link that leads out over another one', served: of([link('a/b/up', '../..'), link('c', 'a/b/up/../etc')]), code: 'MANIFEST_INVALID', message: /the link c leads out of the tree/ },
  { title: 'two paths that would be one name on a disk', served: of([file('a\ud800'), file('a\ud801')]), code: 'MANIFEST_INVALID' },
  { title: 'a path that no file system takes', served: of([file('a/'.repeat(2000) + 'a')]), code: 'MANIFEST_INVALID' },
  { title: 'an absolute link', served: of([link('a', '/etc')]), code: 'MANIFEST_INVALID' },
  { title: 'a file written through a link', served: of([link('a', 'b'), file('a/evil')]), code: 'MANIFEST_INVALID', message: /lies below a, which is no folder/ },
  { title: 'a path twice', served: of([file('a'), file('a')]), code: 'MANIFEST_INVALID', message: /twice/ },
  { title: 'a file below a file', served: of([file('a'), file('a/b')]), code: 'MANIFEST_INVALID' },
  { title: 'set-uid bits', served: of([{ ...file('a'), mode: 0o4755 } as Entry]), code: 'MANIFEST_INVALID' },
  { title: 'a negative size', served: of([{ ...file('a'), size: -1 } as Entry]), code: 'MANIFEST_INVALID' },
  { title: "a revision that is not its entries'", served: of([file('a')], { revision: '0'.repeat(64) }), code: 'MANIFEST_INVALID', message: /revision/ },
  { title: 'a format of the future', served: of([file('a')], { format: 2 } as never), code: 'MANIFEST_INVALID' },
  { title: 'no serial', served: { ...signedTree(NEW), body: signed({ ...signedTree(NEW).manifest, serial: undefined }) }, code: 'MANIFEST_INVALID', message: /serial/ },
  { title: 'a serial that is no whole number', served: { ...signedTree(NEW), body: signed({ ...signedTree(NEW).manifest, serial: 1.5 }) }, code: 'MANIFEST_INVALID' },
  { title: 'an older manifest', served: signedTree(NEW, { serial: 4 }), code: 'MANIFEST_OLDER', message: /serial 4, accepted was 5 already; .* trovestrap init --new-signing-key/ },
  { title: 'another key', served: { ...signedTree(NEW), body: signed(signedTree(NEW).manifest, makeSigningKey()) }, code: 'SIGNATURE_INVALID' },
  { title: 'a payload that was changed', served: changedPayload(signedTree(NEW)), code: 'SIGNATURE_INVALID' },
  { title: 'no signature', served: { ...signedTree(NEW), body: JSON.stringify({ key: 'x', payload: '', signature: '' }) }, code: 'SIGNATURE_INVALID' },
  { title: 'no envelope', served: { ...signedTree(NEW), body: '{}' }, code: 'HOST_ANSWER_INVALID' },
  { title: 'no JSON', served: { ...signedTree(NEW), body: '<html>' }, code: 'HOST_ANSWER_INVALID' },
  { title: 'a manifest that grows without end once it is unpacked', served: { ...signedTree(NEW), answerManifest: packed(zstdCompressSync(Buffer.alloc(65 * 1024 * 1024))) }, code: 'HOST_ANSWER_INVALID', message: /cannot be unpacked/ },
  { title: 'a manifest that is said to be zstd and is not', served: { ...signedTree(NEW), answerManifest: packed(Buffer.from('{}')) }, code: 'HOST_ANSWER_INVALID' },
  { title: 'nothing to hand out', served: { ...signedTree(NEW), status: 503 }, code: 'NOTHING_TO_FETCH' },
  { title: 'a pack with another content', served: otherPack({ ...NEW, 'trove/version.py': 'bad\n' }), code: 'CONTENT_DIFFERS' },
  { title: 'a pack that is not zstd', served: { ...signedTree(NEW), pack: Buffer.alloc(signedTree(NEW).pack.length, 'x') }, code: 'CONTENT_DIFFERS' },
  { title: 'a pack that is too short', served: { ...signedTree(NEW), pack: signedTree(NEW).pack.subarray(0, -1) }, code: 'CONTENT_DIFFERS' },
  { title: 'a pack that is too long', served: { ...signedTree(NEW), pack: Buffer.concat([signedTree(NEW).pack, Buffer.alloc(10)]) }, code: 'CONTENT_DIFFERS' },
  { title: 'a bomb: more than the manifest says, once unpacked', served: bomb(), code: 'CONTENT_DIFFERS', message: /longer than its manifest says/ },
  { title: 'a pack that ends before the last file', served: early(), code: 'CONTENT_DIFFERS', message: /ends before .* is whole/ },
  { title: 'a pack that is gone', served: { ...signedTree(NEW), answerPack: (response) => void response.writeHead(404).end('{}') }, code: 'CONTENT_DIFFERS' },
  { title: 'a connection that breaks', served: { ...signedTree(NEW), answerPack: broken }, code: 'HOST_FAILED' },
]

for (const { title, served, code, message } of malicious) {
  t.test(`refused, and the old tree stays: ${title}`, async (t) => {
    const now: Served = { ...signedTree(OLD) }
    const { it } = await guestOf(t, now)
    await fetch.run(it.system)
    const { revision } = signedTree(OLD).manifest
    Object.assign(now, served)
    const fault = await fetch.run(it.system).then(() => undefined, (error: unknown) => error as Fault)
    t.equal(fault?.code, code, String(fault?.stack))
    if (message) t.match(fault?.message, message)
    t.equal(live(it, 'trove/version.py'), 'old\n')
    t.same(names(it).filter((name) => !name.startsWith('.')), [revision, 'current'].sort())
    t.same(readdirSync(it.root).filter((name) => name.includes('evil')), [])
  })
}

const BUSY = { code: 'BUSY', message: 'many guests are being served; ask again in 7 s' }
const busy = (response: ServerResponse): void => void response.writeHead(503, { 'retry-after': '7' }).end(JSON.stringify(BUSY))

t.test('a host that serves many others is waited for as long as it says, wherever it says so', async (t) => {
  const now: Served = { ...signedTree(OLD) }
  const { it } = await guestOf(t, now)
  await fetch.run(it.system)
  const said = { code: 'HOST_BUSY', wait: 7, message: /ask again in 7 s/ }
  Object.assign(now, signedTree(NEW), { answerManifest: busy })
  await t.rejects(fetch.run(it.system), said, 'not as one that has nothing to hand out')
  await t.rejects(Promise.resolve(fetch.done(it.system)), said, 'and a guest does not go on with an older tree for it')
  Object.assign(now, { answerManifest: undefined, answerPack: busy })
  await t.rejects(fetch.run(it.system), said)
  Object.assign(now, { answerPack: undefined })
  await fetch.run(it.system)
  t.equal(live(it, 'trove/version.py'), 'new\n')
})

t.test('the tree from which an agent did not come up is taken again once the host does not want to be followed', async (t) => {
  const now: Served = { ...signedTree(OLD) }
  const { it } = await guestOf(t, now)
  await fetch.run(it.system)
  const bad = signedTree(NEW)
  Object.assign(now, bad)
  remember(it.system.files, MEMORY.rejected, { revision: bad.manifest.revision, etag: `"${sha256(bad.body)}"` })
  Object.assign(now, { follow: true })
  t.equal(await fetch.done(it.system), true, 'not by itself while it is followed')
  Object.assign(now, { follow: false })
  t.equal(await fetch.done(it.system), false)
  await fetch.run(it.system)
  t.equal(live(it, 'trove/version.py'), 'new\n')
  t.equal(recall(it.system.files, MEMORY.rejected), undefined)
})

const NEXT = makeSigningKey()
const NEXT_KEYS = [publicSigningKey(NEXT)]
/** Signed by the next key. */
const byNext = (tree: Record<string, string>, serial: number): Served => {
  const { manifest, pack } = signedTree(tree, { serial })
  return { body: signed(manifest, NEXT), pack, keys: NEXT_KEYS }
}
const asksFor = (asked: string[]): string[] => asked.filter((one) => !one.includes('/content'))
const accepted = (it: Machine) => recall(it.system.files, MEMORY.accepted)

t.test('the older revision that an operator hands out again comes with a higher serial, and is taken', async (t) => {
  const served: Served = { ...signedTree(NEW, { serial: 5 }) }
  const { it } = await guestOf(t, served)
  await fetch.run(it.system)
  Object.assign(served, signedTree(OLD, { serial: 6 }))
  await fetch.run(it.system)
  t.equal(live(it, 'trove/version.py'), 'old\n')
  t.same(accepted(it), { key: SIGNING_KEYS[0]!.id, serial: 6 })
})

t.test('what was accepted stays accepted through a power cut before the tree was whole, and nothing older comes in then', async (t) => {
  const served: Served = { ...signedTree(NEW, { serial: 9 }), answerPack: broken }
  const { it } = await guestOf(t, served)
  await t.rejects(fetch.run(it.system), { code: 'HOST_FAILED' })
  it.system.files.remove('/run')
  const rest = (await guestOf(t, { ...signedTree(OLD, { serial: 8 }) })).it
  remember(rest.system.files, MEMORY.accepted, accepted(it)!)
  await t.rejects(fetch.run(rest.system), { code: 'MANIFEST_OLDER', details: { serial: 8, accepted: 9 } })
})

t.test('a new key of the host is learned by one renewal, counts from its own first serial, and the old key counts no more', async (t) => {
  const old = signedTree(OLD, { serial: 5 })
  const served: Served = { ...old }
  const { it, asked } = await guestOf(t, served)
  await fetch.run(it.system)
  asked.length = 0
  Object.assign(served, byNext(NEW, 2))
  await fetch.run(it.system)
  t.equal(live(it, 'trove/version.py'), 'new\n')
  t.same(asksFor(asked), ['GET /v1/manifest', 'POST /v1/enrol'])
  t.same(accepted(it), { key: NEXT_KEYS[0]!.id, serial: 2 })
  asked.length = 0
  Object.assign(served, { body: old.body, pack: old.pack })
  await t.rejects(fetch.run(it.system), { code: 'SIGNATURE_INVALID', details: { key: SIGNING_KEYS[0]!.id } }, 'a replay of what the old key signed')
  t.same(asksFor(asked), ['GET /v1/manifest', 'POST /v1/enrol'], 'it asked once whether that key is one')
  t.equal(live(it, 'trove/version.py'), 'new\n')
})

t.test('a key that the host does not name is refused, as is one whose renewal fails', async (t) => {
  const served: Served = { ...signedTree(OLD) }
  const { it } = await guestOf(t, served)
  await fetch.run(it.system)
  Object.assign(served, { ...byNext(NEW, 9), keys: SIGNING_KEYS })
  await t.rejects(fetch.run(it.system), { code: 'SIGNATURE_INVALID', details: { key: NEXT_KEYS[0]!.id } })
  Object.assign(served, { keys: NEXT_KEYS, enrolment: 503 })
  await t.rejects(fetch.run(it.system), { code: 'HOST_FAILED' })
  t.equal(live(it, 'trove/version.py'), 'old\n')
})

t.test('what another key signed under a known name is tampering, and nobody is asked about it', async (t) => {
  const served: Served = { ...signedTree(OLD) }
  const { it, asked } = await guestOf(t, served)
  const { body } = byNext(NEW, 9)
  Object.assign(served, { body: JSON.stringify({ ...(JSON.parse(body) as object), key: SIGNING_KEYS[0]!.id }) })
  await t.rejects(fetch.run(it.system), { code: 'SIGNATURE_INVALID' })
  t.same(asked, ['GET /v1/manifest'])
})

t.test('two keys of one name each open what they signed and nothing else', async (t) => {
  const twin = { ...NEXT_KEYS[0]!, id: SIGNING_KEYS[0]!.id }
  const keys = [twin, ...SIGNING_KEYS]
  t.equal(checkManifest(signedTree(NEW).body, keys).manifest.revision, signedTree(NEW).manifest.revision)
  t.throws(() => checkManifest(signedTree(NEW).body, [twin]), { code: 'SIGNATURE_INVALID' })
})

t.test('a key that is none opens nothing and breaks nothing', async (t) => {
  for (const spki of ['', 'AAAA', publicSigningKey(makeSigningKey()).spki.slice(0, -8)]) {
    t.throws(() => checkManifest(signedTree(NEW).body, [{ id: SIGNING_KEYS[0]!.id, spki }]), { code: 'SIGNATURE_INVALID' })
  }
})

t.test('too little space is said before anything is taken', async (t) => {
  const { it, asked } = await guestOf(t, signedTree(NEW))
  const system = { ...it.system, files: { ...it.system.files, free: () => 1e6 } }
  await t.rejects(fetch.run(system), { code: 'DISK_FULL', details: { path: GUEST.source, free: 1e6 } })
  t.same(asked, ['GET /v1/manifest'])
})

t.test('a disk that fills up, or is read-only, keeps its own error for the engine', async (t) => {
  for (const code of ['ENOSPC', 'EROFS']) {
    const { it } = await guestOf(t, signedTree(NEW))
    const create = () => {
      throw Object.assign(new Error(code), { code })
    }
    await t.rejects(fetch.run({ ...it.system, files: { ...it.system.files, create } }), { code })
  }
})

t.test('bytes behind the end of contents are no content of theirs, however they come in', async (t) => {
  const { manifest, pack } = signedTree(NEW)
  const { files } = machine(t).system
  const bytes = [...Buffer.concat([pack, pack])].map((byte) => Buffer.of(byte))
  layOut(files, '/tree', manifest.entries)
  await t.rejects(receive(bytes, new Unpacking(files, '/tree', filesOf(manifest.entries)), 1000), { code: 'CONTENT_DIFFERS' })
})

function changedPayload({ body, pack }: SignedTree): Served {
  const envelope = JSON.parse(body) as { payload: string }
  const payload = Buffer.from(envelope.payload, 'base64').toString().replace('trove/version.py', 'trove/virsion.py')
  return { body: JSON.stringify({ ...envelope, payload: Buffer.from(payload).toString('base64') }), pack }
}

/** The digest of the pack is right; what is in it is not what the entries say. */
function repacked(content: Buffer): Served {
  const { manifest } = signedTree(NEW)
  const pack = zstdCompressSync(content)
  return { body: signed({ ...manifest, pack: { ...manifest.pack, zstd: { sha256: sha256(pack), size: pack.length } } }), pack }
}

function otherPack(tree: Record<string, string>): Served {
  const paths = Object.keys(tree).sort().filter((path) => !tree[path]!.startsWith('-> '))
  return repacked(Buffer.from(paths.map((path) => tree[path]).join('')))
}

function bomb(): Served {
  return repacked(Buffer.alloc(64 * 1024 * 1024, '#!/usr/bin/env python3\nnew\n'.slice(0, 23)).fill('#!/usr/bin/env python3\nnew\n', 0, 27))
}

function early(): Served {
  return repacked(Buffer.from('#!/usr/bin/env python3\nne'))
}

function broken(response: ServerResponse): void {
  response.writeHead(200, { 'content-length': String(signedTree(NEW).pack.length) })
  response.write(signedTree(NEW).pack.subarray(0, 5), () => response.destroy())
}
