import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { bundle } from '../../guest-bootstrap/bundle.ts'

t.test('the same sources give the same bytes, one file of less than a megabyte', async (t) => {
  const [one, two] = [await bundle(), await bundle()]
  t.equal(one.sha256, two.sha256)
  t.ok(one.code.length < 1_000_000, `${one.code.length} bytes`)
  t.notMatch(one.code.toString(), import.meta.dirname)
})

t.test('it needs nothing beside it', async (t) => {
  const { code } = await bundle()
  const folder = t.testdir()
  writeFileSync(join(folder, 'guest.mjs'), code)
  const { status, stderr } = spawnSync(process.execPath, ['--check', join(folder, 'guest.mjs')], { encoding: 'utf8' })
  t.equal(status, 0, stderr)
  const bare = [...code.toString().matchAll(/(?:from|import\(|require\()\s*["']([^"'./][^"']*)["']/g)].map((match) => match[1]!)
  t.same(bare.filter((name) => !name.startsWith('node:') && !['module', 'events', 'stream', 'util', 'buffer', 'assert', 'process', 'url', 'querystring', 'net', 'tls'].includes(name)), [])
})
