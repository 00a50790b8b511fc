import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { cached, cacheRoot } from '../../lab/cache.ts'

t.test('the cache lies where the environment says', async (t) => {
  t.equal(cacheRoot({ TROVESTRAP_CACHE: '/a', XDG_CACHE_HOME: '/b' }), '/a')
  t.equal(cacheRoot({ XDG_CACHE_HOME: '/b' }), '/b/trovestrap')
  t.match(cacheRoot({}), /\/\.cache\/trovestrap$/)
  t.match(cacheRoot({ TROVESTRAP_CACHE: '', XDG_CACHE_HOME: '' }), /\/\.cache\/trovestrap$/, 'an empty value is none')
})

t.test('what is built once is not built again', async (t) => {
  const root = useCache(t)
  let builds = 0
  const build = async (folder: string) => {
    builds++
    await writeFile(join(folder, 'content'), 'whole')
  }
  const folder = await cached({ kind: 'thing', digest: DIGEST, build }, () => {})
  t.equal(folder, join(root, 'thing', DIGEST.slice(0, 16)))
  t.equal(await cached({ kind: 'thing', digest: DIGEST, build }, () => {}), folder)
  t.equal(await readFile(join(folder, 'content'), 'utf8'), 'whole')
  t.equal(builds, 1)
})

t.test('of two builders one waits, and both have the result', async (t) => {
  useCache(t)
  const begun = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  const build = async () => {
    begun.resolve()
    await goOn.promise
  }
  const waiting = Promise.withResolvers<string>()
  const first = cached({ kind: 'thing', digest: DIGEST, build }, () => {})
  await begun.promise
  const second = cached({ kind: 'thing', digest: DIGEST, build: () => Promise.reject(new Error('built twice')) }, waiting.resolve)
  t.equal(await waiting.promise, 'waiting for another process that is building it')
  goOn.resolve()
  t.equal(await second, await first)
})

t.test('a failed build leaves nothing, and the next one begins anew', async (t) => {
  const root = useCache(t)
  const failing = async (folder: string) => {
    await writeFile(join(folder, 'half'), '')
    throw new Error('no space')
  }
  await t.rejects(cached({ kind: 'thing', digest: DIGEST, build: failing }, () => {}), { message: 'no space' })
  t.same(await readdir(join(root, 'thing')), [])
  const folder = await cached({ kind: 'thing', digest: DIGEST, build: async () => {} }, () => {})
  t.same(await readdir(folder), [])
})

t.test('of a recipe that changed often the last two are kept', async (t) => {
  const root = useCache(t)
  for (const digit of ['1', '2', '3']) {
    const folder = await cached({ kind: 'thing', digest: digit.repeat(64), build: async () => {} }, () => {})
    await utimes(folder, Number(digit), Number(digit))
  }
  await cached({ kind: 'thing', digest: '4'.repeat(64), build: async () => {} }, () => {})
  t.same((await readdir(join(root, 'thing'))).sort(), ['3333333333333333', '4444444444444444'])
})

t.test('what a killed builder left behind is not taken over', async (t) => {
  const root = useCache(t)
  await mkdir(join(root, 'thing', `${DIGEST.slice(0, 16)}.building`, 'half'), { recursive: true })
  const folder = await cached({ kind: 'thing', digest: DIGEST, build: async () => {} }, () => {})
  t.same(await readdir(folder), [])
})

const DIGEST = '0123456789abcdef0123456789abcdef'

function useCache(t: { testdir(): string; teardown(fn: () => void): void }): string {
  const before = process.env['TROVESTRAP_CACHE']
  process.env['TROVESTRAP_CACHE'] = t.testdir()
  t.teardown(() => {
    if (before === undefined) delete process.env['TROVESTRAP_CACHE']
    else process.env['TROVESTRAP_CACHE'] = before
  })
  return process.env['TROVESTRAP_CACHE']
}
