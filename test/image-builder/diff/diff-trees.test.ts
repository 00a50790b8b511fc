import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { diffTrees, type Difference } from '../../../image-builder/diff/diff-trees.ts'
import { openForReading } from '../../../image-builder/open-image.ts'
import { walk } from '../../../image-builder/tree.ts'
import { differences } from '../differences.ts'
import { debugfs, scratch, smallImage, tool } from '../small-image.ts'

const folder = scratch(t.teardown)
writeFileSync(join(folder, 'value'), 'one')
writeFileSync(join(folder, 'other-value'), 'two')
const one = smallImage(folder, {
  tree: { 'a/file': 'content', 'a/same-size': 'aaaa', 'a/link': '-> file', 'a/turns': 'into a folder', 'a/names/one': 'shared', 'a/gone/deep/er': 'x', 'a/marked': '', 'a/remarked': '', 'a/unmarked': '' },
})
debugfs(folder, one, [`ea_set -f ${join(folder, 'value')} /a/remarked user.x`, `ea_set -f ${join(folder, 'value')} /a/unmarked user.x`], { write: true })

/** The image with debugfs' commands done to it. */
function changed(...commands: string[]): string {
  const path = join(folder, 'changed.qcow2')
  tool('cp', [one, path])
  debugfs(folder, path, commands, { write: true })
  return path
}
const written = (content: string): string => (writeFileSync(join(folder, 'content'), content), join(folder, 'content'))

t.test('nothing differs from itself, nor from what differs in times alone', async (t) => {
  t.same(await differences(one, one), [])
  t.same(await differences(one, changed('sif /a/file mtime @1', 'sif /a mtime @1', 'sif /a/file ctime @1')), [])
})

const KINDS: Readonly<Record<string, { readonly commands: readonly string[]; readonly says: readonly string[] }>> = {
  mode: { commands: ['sif /a/file mode 0104755'], says: ['changed /a/file: mode 0644 -> 4755'] },
  owner: { commands: ['sif /a/file uid 70000', 'sif /a/file gid 7'], says: ['changed /a/file: owner 0:0 -> 70000:7'] },
  'mode of a folder': { commands: ['sif /a mode 0040700'], says: ['changed /a: mode 0755 -> 0700'] },
  size: { commands: ['rm /a/file', `write ${written('longer content')} /a/file`, 'sif /a/file mode 0100644'], says: ['changed /a/file: size 7 -> 14 bytes'] },
  target: { commands: ['rm /a/link', 'symlink /a/link other'], says: ['changed /a/link: target file -> other'] },
  type: { commands: ['rm /a/turns', 'mkdir /a/turns', 'mkdir /a/turns/more'], says: ['changed /a/turns: file 0644 0:0 13 bytes -> folder 0755 0:0', 'added /a/turns/more: folder 0755 0:0'] },
  'hard links': { commands: ['ln /a/names/one /a/names/two', 'sif /a/names/one links_count 2'], says: ['changed /a/names/one: hard links 1 -> 2', 'added /a/names/two: file 0644 0:0 6 bytes'] },
  'a folder that went, with all that was in it': {
    commands: ['rm /a/gone/deep/er', 'rmdir /a/gone/deep', 'rmdir /a/gone'],
    says: ['removed /a/gone: folder 0755 0:0', 'removed /a/gone/deep: folder 0755 0:0', 'removed /a/gone/deep/er: file 0644 0:0 1 bytes'],
  },
  'a device': { commands: ['cd /a', 'mknod null c 1 3'], says: ['added /a/null: other 0000 0:0'] },
  attributes: {
    commands: [`ea_set -f ${join(folder, 'value')} /a/marked security.selinux`, `ea_set -f ${join(folder, 'other-value')} /a/remarked user.x`, 'ea_rm /a/unmarked user.x'],
    says: ['changed /a/marked: attribute security.selinux added', 'changed /a/remarked: attribute user.x', 'changed /a/unmarked: attribute user.x removed'],
  },
  'several at once': { commands: ['sif /a/file mode 0100600', 'sif /a/file uid 5'], says: ['changed /a/file: mode 0644 -> 0600, owner 0:0 -> 5:0'] },
}

for (const [name, { commands, says }] of Object.entries(KINDS)) {
  t.test(`${name}: said of the paths that differ, and of no other`, async (t) => {
    const other = changed(...commands)
    t.same(await differences(one, other), says)
  })
}

t.test('content of the same size, without showing it; the other way round what was added was removed', async (t) => {
  const other = changed('rm /a/same-size', `write ${written('bbbb')} /a/same-size`, 'sif /a/same-size mode 0100644', 'mkdir /a/new')
  t.same(await differences(one, other), ['added /a/new: folder 0755 0:0', 'changed /a/same-size: content'])
  t.same(await differences(other, one), ['removed /a/new: folder 0755 0:0', 'changed /a/same-size: content'])
})

t.test('every path is counted once, in order, and looked at only as far as asked', async (t) => {
  await using tree = await openForReading(one, { way: 'direct' })
  const counted: number[] = []
  for await (const _ of diffTrees(tree.tree, tree.tree, (paths) => void counted.push(paths))) t.fail('nothing differs')
  let paths = 0
  for await (const _ of walk(tree.tree, '/')) paths++
  t.same(counted, Array.from({ length: paths }, (_, index) => index + 1))
  const empty = { ...tree.tree, list: async () => [], lstat: async () => undefined }
  const first = (await diffTrees(tree.tree, empty).next()).value as Difference
  t.match(first, { kind: 'removed', path: '/a' })
})
