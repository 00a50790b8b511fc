import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { buildImage } from '../../image-builder/build-image.ts'
import { changeDebugUser } from '../../image-builder/change-debug-user.ts'
import type { DebugChange } from '../../image-builder/plan/plan-debug-change.ts'
import { stripImage } from '../../image-builder/strip-image.ts'
import type { DebugUser } from '../../image-builder/wish.ts'
import { differences } from './differences.ts'
import { debugfs, PUBLIC_KEY, quiet, scratch, smallImage, wishFor } from './small-image.ts'

const ann: DebugUser = { name: 'ann', sshKeys: [PUBLIC_KEY], passwordHash: '$6$salt$hash' }
const newKey = PUBLIC_KEY.replace('somebody@somewhere', 'another')

/** A built image, and changes of its debug user. */
async function built(t: Test, debugUser?: DebugUser) {
  const folder = scratch(t.teardown.bind(t))
  const wish = wishFor(folder, smallImage(folder), { ...(debugUser ? { debugUser } : {}) })
  const { content } = await buildImage(wish, quiet)
  let made = 0
  return {
    folder,
    wish,
    content,
    async change(base: string, change: DebugChange): Promise<{ out: string; content: string; debugUser: string | undefined }> {
      const out = join(folder, `changed-${++made}.qcow2`)
      await changeDebugUser({ base, out, way: 'direct' }, change, quiet)
      const { content, debug_user: debugUser } = JSON.parse(readFileSync(`${out}.json`, 'utf8')) as { content: string; debug_user?: string }
      return { out, content, debugUser }
    },
  }
}

const pathsOf = (lines: readonly string[]) => lines.map((line) => /^\w+ (\S+):/.exec(line)![1]!)

t.test('one who is added is the one whom a build makes, and removed leaves no trace', async (t) => {
  const without = await built(t)
  const added = await without.change(without.wish.out, { kind: 'set', user: ann })
  t.equal(added.debugUser, 'ann')
  const changed = pathsOf(await differences(without.wish.out, added.out))
  t.same(changed, [
    ...['/etc/group', '/etc/gshadow', '/etc/passwd', '/etc/shadow', '/etc/ssh/sshd_config.d/05-trovestrap-debug.conf', '/etc/sudoers.d/trovestrap-debug'],
    ...['/home', '/home/ann', '/home/ann/.ssh', '/home/ann/.ssh/authorized_keys', '/opt/trovestrap/build.json'],
  ].sort())
  const whole = { ...without.wish, debugUser: ann, out: join(without.folder, 'whole.qcow2') }
  t.equal((await buildImage(whole, quiet)).content, added.content, 'the same as built at once')
  t.same(pathsOf(await differences(whole.out, added.out)), ['/opt/trovestrap/build.json'])

  const removed = await without.change(added.out, { kind: 'remove' })
  t.match(removed, { debugUser: undefined, content: without.content })
  t.same(pathsOf(await differences(without.wish.out, removed.out)), ['/opt/trovestrap/build.json'])
  await t.rejects(without.change(removed.out, { kind: 'remove' }), { name: 'ImageRefusal', message: 'the image has no debug user' })
})

t.test('new keys take the place of the old, whose home stays; without a password there is none', async (t) => {
  const { folder, wish, change } = await built(t, ann)
  debugfs(folder, wish.out, [`write ${wish.node!} /home/ann/notes`], { write: true })
  const changed = await change(wish.out, { kind: 'set', user: { name: 'ann', sshKeys: [newKey] } })
  const look = (command: string) => debugfs(folder, changed.out, command)
  t.equal(look('cat /home/ann/.ssh/authorized_keys'), `${newKey}\n`)
  t.match(look('cat /etc/shadow'), /^ann:\*:/m)
  t.match(look('stat /home/ann/notes'), /Type: regular/)
  t.notMatch(look('ls /etc/ssh/sshd_config.d'), /trovestrap-debug/)
  t.same(pathsOf(await differences(wish.out, changed.out)), ['/etc/shadow', '/etc/ssh/sshd_config.d/05-trovestrap-debug.conf', '/home/ann/.ssh/authorized_keys', '/opt/trovestrap/build.json'])
})

t.test('another one takes the place of the first, and strip takes that one out', async (t) => {
  const { folder, wish, change } = await built(t, ann)
  const changed = await change(wish.out, { kind: 'set', user: { ...ann, name: 'bob' } })
  t.equal(changed.debugUser, 'bob')
  t.match(debugfs(folder, changed.out, 'cat /etc/passwd'), /^bob:/m)
  t.notMatch(debugfs(folder, changed.out, 'cat /etc/passwd'), /^ann:/m)
  const { out } = await stripImage({ base: changed.out, out: join(folder, 'clean.qcow2') }, quiet)
  t.same(await differences(wish.base, out), [])
})

t.test('an image without anything of ours, and a name that is taken, are refused', async (t) => {
  const { wish, change } = await built(t)
  await t.rejects(change(wish.base, { kind: 'set', user: ann }), { name: 'ImageRefusal', message: /nothing of ours in it/ })
  await t.rejects(change(wish.out, { kind: 'set', user: { ...ann, name: 'daemon' } }), { name: 'ImageRefusal', message: /has a user or group daemon already/ })
})
