// The direct way and the one through libguestfs are two roads to the same image: the whole tree of both results is compared, path by path.
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { buildImage } from '../../image-builder/build-image.ts'
import type { WayName } from '../../image-builder/way.ts'
import { differences } from '../image-builder/differences.ts'
import { PUBLIC_KEY, quiet, scratch, wishFor } from '../image-builder/small-image.ts'
import { STAND_INS } from '../image-builder/stand-ins.ts'

/** What differs by its time alone shall not differ. */
process.env['SOURCE_DATE_EPOCH'] = '1700000000'

for (const name of ['debian-generic', 'ubuntu-cloud', 'centos-stream']) {
  t.test(`${name}: both ways make the same tree, byte for byte, owner for owner, attribute for attribute`, async (t) => {
    const folder = scratch(t.teardown)
    const base = STAND_INS[name]!.make(folder)
    const build = async (way: WayName, from: string) => {
      const debugUser = { name: 'ann', sshKeys: [PUBLIC_KEY], passwordHash: '$6$salt$hash' }
      const out = join(folder, `${way}.qcow2`)
      const { content } = await buildImage(wishFor(folder, from, { out, way, debugUser, sysprep: true }), quiet)
      return { out, content }
    }
    const same = join(folder, 'same-name.qcow2')
    copyFileSync(base, same)
    const [one, other] = [await build('direct', same), await build('libguestfs', same)]
    t.equal(one.content, other.content)
    t.same(await differences(one.out, other.out), [])
    t.ok((await differences(base, one.out)).length > 20, 'the comparison sees something where there is something')
  })
}
