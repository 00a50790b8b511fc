import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { buildImage } from '../../image-builder/build-image.ts'
import { differences } from './differences.ts'
import { elf, PUBLIC_KEY, quiet, scratch, smallImage, wishFor } from './small-image.ts'
import { STAND_INS } from './stand-ins.ts'

const debugUser = { name: 'ann', sshKeys: [PUBLIC_KEY], passwordHash: '$6$salt$hash' }

for (const [name, { architecture, make }] of Object.entries(STAND_INS)) {
  t.test(`${name}: building upon what was built comes to the same but for the date`, async (t) => {
    const folder = scratch(t.teardown)
    const wish = wishFor(folder, make(folder), { way: 'direct', debugUser })
    if (architecture === 'arm64') writeFileSync(wish.node!, elf(183))
    const first = await buildImage(wish, quiet)
    const again = await buildImage({ ...wish, base: wish.out, out: join(folder, 'again.qcow2') }, quiet)
    t.match(again, { content: first.content, build: first.build, rebuilt: true })
    const found = await differences(wish.out, again.out)
    t.equal(found.length, 1)
    t.match(found[0], /^changed \S*\/opt\/trovestrap\/build\.json: content$/)
  })
}

t.test('what the second build does not put in goes away', async (t) => {
  const folder = scratch(t.teardown)
  const wish = wishFor(folder, smallImage(folder), { debugUser })
  await buildImage(wish, quiet)
  const { debugUser: _, ...without } = wish
  const [whole, later] = [join(folder, 'whole.qcow2'), join(folder, 'later.qcow2')]
  const once = await buildImage({ ...without, out: whole }, quiet)
  t.match(await buildImage({ ...without, base: wish.out, out: later }, quiet), { content: once.content, build: once.build })
  t.same(await differences(whole, later), ['changed /opt/trovestrap/build.json: content'])
})
