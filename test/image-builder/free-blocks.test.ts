import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { buildImage } from '../../image-builder/build-image.ts'
import { changeDebugUser } from '../../image-builder/change-debug-user.ts'
import { Secret } from '../../contract/secret.ts'
import { stripImage } from '../../image-builder/strip-image.ts'
import { quiet, scratch, smallImage, TOKEN, wishFor } from './small-image.ts'

const OLD_HASH = '$6$salt$canaryofahash'

/** ext2 has no extents; the builder works on a copy of all content where features make it, as bigalloc does. */
const FORMS: readonly [string, Parameters<typeof smallImage>[1]][] = [['ext4', {}], ['ext2', { type: 'ext2' }], ['a copy of everything', { mkfs: ['-O', 'bigalloc', '-C', '4096'] }]]

for (const [name, form] of FORMS) {
  t.test(`${name}: what was secret and is taken out or replaced stands in no free block either`, async (t) => {
    const folder = scratch(t.teardown)
    const holds = (path: string, text: string): boolean => readFileSync(path).includes(text)
    const wish = wishFor(folder, smallImage(folder, form), { way: 'direct', debugUser: { name: 'ann', sshKeys: [], passwordHash: OLD_HASH } })
    await buildImage(wish, quiet)
    t.ok(holds(wish.out, TOKEN), 'the token is in the image, for its guests')
    t.ok(holds(wish.out, OLD_HASH))

    const again = { ...wish, base: wish.out, out: join(folder, 'again.qcow2'), token: new Secret('zzz123.fedcba9876543210') }
    await buildImage(again, quiet)
    t.notOk(holds(again.out, TOKEN), 'a token that was replaced')

    const other = join(folder, 'other.qcow2')
    await changeDebugUser({ base: wish.out, out: other, way: 'direct' }, { kind: 'remove' }, quiet)
    t.notOk(holds(other, OLD_HASH), 'the password of a user who was removed')

    const clean = join(folder, 'clean.qcow2')
    await stripImage({ base: wish.out, out: clean, way: 'direct' }, quiet)
    t.notOk(holds(clean, TOKEN), 'the token of an image that was stripped')
    t.notOk(holds(clean, OLD_HASH))
  })
}
