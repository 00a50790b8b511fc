import t from 'tap'
import { GUEST } from '../../../contract/paths.ts'
import { planDebugChange } from '../../../image-builder/plan/plan-debug-change.ts'
import { planStrip } from '../../../image-builder/plan/plan-strip.ts'
import { LAYOUTS } from './layouts.ts'
import { applied, listing, type MemoryTree } from './memory-tree.ts'
import { ANN, built, PREBAKE } from './parts.ts'

const NOW = new Date('2026-02-02T00:00:00Z')
const WISHES = { plain: {}, 'with a debug user': { debugUser: ANN }, 'with a tree in it and no token': { prebake: PREBAKE, debugUser: ANN, noToken: true } }
/** As stripping leaves it: an account file ends with a line end, and SELinux labels what came back. */
const stripped = (base: MemoryTree): Record<string, string> =>
  Object.fromEntries(Object.entries(listing(base)).map(([path, line]) => [path, path === '/etc/group' ? line.replace(/(?<!\\n)"$/, '\\n"') : line]))
const withoutDate = (tree: MemoryTree): Record<string, string> => {
  const path = [...tree.entries.keys()].find((path) => path.endsWith(GUEST.buildRecord))!
  return { ...listing(tree), [path]: tree.entries.get(path)!.bytes.toString().replace(/"built": .*/, '') }
}

for (const [name, layout] of Object.entries(LAYOUTS)) {
  for (const [how, more] of Object.entries(WISHES)) {
    t.test(`${name}, ${how}: stripping gives the base back; building again changes nothing but the date`, async (t) => {
      const base = layout()
      const once = await built(base, more)
      t.same(listing(applied(once.tree, (await planStrip(once.tree)).changes)), stripped(base))
      const again = await built(once.tree, { ...more, sha256: 'd'.repeat(64), now: '2027-01-01T00:00:00Z' })
      t.same(withoutDate(again.tree), withoutDate(once.tree))
      t.same([again.plan.rebuilt, again.plan.content, again.plan.record.build, again.plan.record.base], [true, once.plan.content, once.plan.record.build, once.plan.record.base])
    })
  }

  t.test(`${name}: a debug user who is added, re-keyed and removed is as if there had never been one`, async (t) => {
    const none = (await built(layout())).tree
    const from = (await built(layout(), { debugUser: ANN })).tree
    const added = applied(none, (await planDebugChange(none, { kind: 'set', user: ANN }, NOW)).changes)
    t.same(withoutDate(added), withoutDate(from), 'adding later comes to the same as building with')
    const keyed = applied(added, (await planDebugChange(added, { kind: 'set', user: { name: 'ann', sshKeys: ['ssh-ed25519 BBBB'] } }, NOW)).changes)
    t.notSame(listing(keyed), listing(added))
    const back = applied(keyed, (await planDebugChange(keyed, { kind: 'set', user: ANN }, NOW)).changes)
    t.same(withoutDate(back), withoutDate(added), 're-keying twice comes back')
    const other = applied(keyed, (await planDebugChange(keyed, { kind: 'set', user: { ...ANN, name: 'bob' } }, NOW)).changes)
    t.same(withoutDate(other), withoutDate((await built(layout(), { debugUser: { ...ANN, name: 'bob' } })).tree), 'another one takes the place')
    for (const tree of [added, keyed, back, other]) t.same(withoutDate(applied(tree, (await planDebugChange(tree, { kind: 'remove' }, NOW)).changes)), withoutDate(none))
  })
}
