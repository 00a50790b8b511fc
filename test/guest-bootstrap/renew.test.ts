// What a guest asks for when another revision is served: the host's answers are the test's.
import { zstdCompressSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { GUEST } from '../../contract/paths.ts'
import { ROUTES } from '../../contract/routes.ts'
import { treeOf } from '../../contract/source-tree.ts'
import { MEMORY, remember } from '../../guest-bootstrap/memory.ts'
import { fetch } from '../../guest-bootstrap/stages/fetch.ts'
import type { HttpRequest } from '../../guest-bootstrap/system.ts'
import { INSTANCE, machine, type Machine } from './machine.ts'
import { sha256, signedTree, SIGNING_KEYS, type SignedTree } from './signed-tree.ts'

const LARGE = 'def large(): pass\n'.repeat(50)
const OLD = { 'trove/__init__.py': '', 'trove/large.py': LARGE, 'trove/version.py': 'old\n' }
const NEW = { ...OLD, 'trove/again.py': 'new\n', 'trove/version.py': 'new\n' }

interface World {
  tree: SignedTree
  /** Body of the answer to the contents asked for. */
  contents?: (wanted: string[]) => Buffer
}

const byDigest = new Map([LARGE, 'old\n', 'new\n'].map((text) => [sha256(text), text]))
const honest = (wanted: string[]): Buffer => zstdCompressSync(wanted.map((digest) => byDigest.get(digest)).join(''))

/** A guest that has the old tree already. */
async function guestOf(t: Test): Promise<{ it: Machine; world: World; asked: { path: string; json: unknown }[] }> {
  const world: World = { tree: signedTree(OLD), contents: honest }
  const asked: { path: string; json: unknown }[] = []
  const answer = (path: string, json: unknown): Buffer | undefined => {
    if (path === ROUTES.manifest) return Buffer.from(world.tree.body)
    if (path === ROUTES.contents) return world.contents?.(json as string[])
    return world.tree.pack
  }
  const it = machine(t, {
    changed: {
      async http({ url, json }: HttpRequest) {
        const { pathname: path } = new URL(url)
        if (path !== ROUTES.manifest) asked.push({ path, json })
        const bytes = answer(path, json)
        const body = async function* () {
          yield bytes ?? Buffer.from('{}')
        }
        return { status: bytes === undefined ? 404 : 200, headers: {}, body: body() }
      },
    },
  })
  const { files } = it.system
  remember(files, MEMORY.identity, { instance: INSTANCE, urls: ['https://h:1'], source: '' })
  remember(files, MEMORY.host, { url: 'https://h:1', uptime: 0 })
  remember(files, MEMORY.enrolment, { instance: INSTANCE, secret: 's'.repeat(43), granted: { instance: INSTANCE, expires: '2030-01-01T00:00:00Z', signing_keys: [...SIGNING_KEYS], at: 0 } })
  await fetch.run(it.system)
  asked.length = 0
  return { it, world, asked }
}

const live = (it: Machine, path: string): string => it.get(`${GUEST.currentSource}/${path}`)

t.test('only what is lacking is asked for, each content once', async (t) => {
  const { it, world, asked } = await guestOf(t)
  world.tree = signedTree(NEW)
  await fetch.run(it.system)
  t.same(asked, [{ path: ROUTES.contents, json: [sha256('new\n')] }])
  for (const [path, text] of Object.entries(NEW)) t.equal(live(it, path), text)
})

t.test('a tree that differs in names alone needs nothing from the host', async (t) => {
  const { it, world, asked } = await guestOf(t)
  world.tree = signedTree({ 'contrib/large.py': LARGE, 'trove/__init__.py': '', 'trove/version.py': 'old\n' })
  await fetch.run(it.system)
  t.same(asked, [])
  t.equal(live(it, 'contrib/large.py'), LARGE)
  t.equal(it.system.files.stat(`${GUEST.currentSource}/contrib/large.py`)?.mode, 0o755)
})

t.test('a file that was damaged is not copied on', async (t) => {
  const { it, world, asked } = await guestOf(t)
  it.put(`${treeOf(world.tree.manifest.revision)}/trove/large.py`, LARGE.replace('d', '\0'))
  world.tree = signedTree(NEW)
  await fetch.run(it.system)
  t.same(asked.map(({ json }) => json), [[sha256('new\n'), sha256(LARGE)]])
  t.equal(live(it, 'trove/large.py'), LARGE)
})

t.test('the whole pack comes when more than half is lacking', async (t) => {
  const { it, world, asked } = await guestOf(t)
  world.tree = signedTree({ ...OLD, 'trove/large.py': LARGE.replaceAll('large', 'larger') })
  await fetch.run(it.system)
  t.same(asked.map(({ path }) => path), [`/v1/content/${world.tree.manifest.pack.zstd.sha256}`])
})

t.test('the whole pack comes when the host has no single contents', async (t) => {
  const { it, world, asked } = await guestOf(t)
  world.tree = signedTree(NEW)
  delete world.contents
  await fetch.run(it.system)
  t.same(asked.map(({ path }) => path), [ROUTES.contents, `/v1/content/${world.tree.manifest.pack.zstd.sha256}`])
  t.equal(live(it, 'trove/version.py'), 'new\n')
})

const wrong: { title: string; contents: () => Buffer }[] = [
  { title: 'other contents', contents: () => zstdCompressSync('bad\n') },
  { title: 'too little', contents: () => zstdCompressSync('new') },
  { title: 'too much', contents: () => zstdCompressSync('new\nand more') },
  { title: 'a bomb', contents: () => zstdCompressSync(Buffer.alloc(64 * 1024 * 1024)) },
  { title: 'no end of bytes', contents: () => Buffer.alloc(1024 * 1024) },
  { title: 'what is not zstd', contents: () => Buffer.from('new\n') },
]
for (const { title, contents } of wrong) {
  t.test(`refused, and the old tree stays: ${title}`, async (t) => {
    const { it, world } = await guestOf(t)
    world.tree = signedTree(NEW)
    world.contents = contents
    await t.rejects(fetch.run(it.system), { code: 'CONTENT_DIFFERS' })
    t.equal(live(it, 'trove/version.py'), 'old\n')
  })
}
