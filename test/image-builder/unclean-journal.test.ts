import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { buildImage } from '../../image-builder/build-image.ts'
import { checkImage } from '../../image-builder/check/check-image.ts'
import { inspectImage } from '../../image-builder/inspect-image.ts'
import { openForReading } from '../../image-builder/open-image.ts'
import { stripImage } from '../../image-builder/strip-image.ts'
import { FACTS } from './check/planted.ts'
import { differences } from './differences.ts'
import { debugfs, quiet, scratch, smallImage, tool, wishFor } from './small-image.ts'

// A guest was cut off: that its CA is another stands in the journal alone.
const folder = scratch(t.teardown)
const wish = wishFor(folder, smallImage(folder, { tree: { 'var/marker': 'as it was\n' } }))
await buildImage(wish, quiet)
const clean = wish.out
const unclean = join(folder, 'unclean.qcow2')
tool('cp', [clean, unclean])
writeFileSync(join(folder, 'block'), Buffer.alloc(1024, 'x'))
const block = debugfs(folder, clean, 'bmap /etc/trovestrap/ca.pem 0').trim()
debugfs(folder, unclean, ['jo', `jw -b ${block} ${join(folder, 'block')}`, 'jc'], { write: true })
const before = readFileSync(unclean)
t.match(debugfs(folder, unclean, 'cat /etc/trovestrap/ca.pem'), /BEGIN CERTIFICATE/, 'without a replay nothing is to be seen')

t.test('diff sees what stands in the journal', async (t) => {
  t.same(await differences(clean, unclean), ['changed /etc/trovestrap/ca.pem: content'])
  t.same(await differences(unclean, unclean), [])
})

t.test('inspect does', async (t) => {
  t.same((await inspectImage(clean)).altered, [])
  t.same((await inspectImage(unclean)).altered, [{ path: '/etc/trovestrap/ca.pem', how: 'has other content' }])
})

t.test('check does', async (t) => {
  await using opened = await openForReading(unclean)
  const codes = (await checkImage(opened.tree, { ...FACTS, space: opened.space })).map(({ code }) => code)
  t.ok(codes.includes('ca-unreadable'), codes.join(' '))
})

t.test('strip and build do', async (t) => {
  const stripped = await stripImage({ base: unclean, out: join(folder, 'stripped.qcow2') }, quiet)
  t.same(await differences(wish.base, stripped.out), [])
  await buildImage({ ...wish, base: unclean, out: join(folder, 'again.qcow2') }, quiet)
  t.same((await inspectImage(join(folder, 'again.qcow2'))).altered, [])
})

t.test('and all of them left the image as it was', async (t) => {
  t.ok(readFileSync(unclean).equals(before))
})
