import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { buildImage } from '../../image-builder/build-image.ts'
import { inspectImage } from '../../image-builder/inspect-image.ts'
import { stripImage } from '../../image-builder/strip-image.ts'
import { differences } from './differences.ts'
import { elf, PUBLIC_KEY, quiet, scratch, smallImage, wishFor } from './small-image.ts'
import { STAND_INS } from './stand-ins.ts'

const debugUser = { name: 'ann', sshKeys: [PUBLIC_KEY], passwordHash: '$6$salt$hash' }

for (const [name, { architecture, foreignUnits, make }] of Object.entries(STAND_INS)) {
  t.test(`${name}: built directly, and stripped to what it was`, async (t) => {
    const folder = scratch(t.teardown)
    const wish = wishFor(folder, make(folder), { way: 'direct', debugUser })
    if (architecture === 'arm64') writeFileSync(wish.node!, elf(183))
    const built = await buildImage(wish, quiet)
    t.match(built, { architecture, way: 'direct', rebuilt: false })
    t.same(built.warnings.map((line) => /^the image has (\S+), an agent of its own/.exec(line)?.[1]), foreignUnits)
    t.ok((await inspectImage(wish.out)).enabled)
    const stripped = await stripImage({ base: wish.out, out: join(folder, 'clean.qcow2'), way: 'direct' }, quiet)
    t.match(stripped, { way: 'direct', warnings: [] })
    t.same(await differences(wish.base, stripped.out), [])
  })
}

t.test('IMAGE is only read; CLEAN is one file, for its owner alone, and nothing tells any longer of what was there', async (t) => {
  const folder = scratch(t.teardown)
  const wish = wishFor(folder, smallImage(folder))
  await buildImage(wish, quiet)
  const before = readFileSync(wish.out)
  const clean = join(folder, 'clean.qcow2')
  await buildImage({ ...wish, out: clean }, quiet)
  await t.rejects(stripImage({ base: wish.out, out: clean }, quiet), { name: 'ImageRefusal', message: /clean\.qcow2 is there already/ })
  await stripImage({ base: wish.out, out: clean, force: true }, quiet)
  t.ok(readFileSync(wish.out).equals(before))
  t.equal(statSync(clean).mode & 0o777, 0o600)
  t.same(readdirSync(folder).sort(), ['base.qcow2', 'clean.qcow2', 'node', 'out.qcow2', 'out.qcow2.json'])
  await t.rejects(stripImage({ base: clean, out: join(folder, 'x.qcow2') }, quiet), { name: 'ImageRefusal', message: /nothing of ours/ })
})
