import t from 'tap'
import { join } from 'node:path'
import { writeTar } from '../../../image-builder/libguestfs/tar.ts'
import { BuildFailure } from '../../../image-builder/refusal.ts'
import { writeFileSync } from 'node:fs'
import { scratch, tool } from '../small-image.ts'

t.test('tar reads what is written', async (t) => {
  const folder = scratch(t.teardown)
  const file = join(folder, 'a.tar')
  const long = `/${'deep/'.repeat(40)}file`
  writeFileSync(join(folder, 'host'), 'from the host')
  await writeTar(file, [
    { type: 'folder', path: '/d', mode: 0o1777, uid: 1, gid: 3_000_000 },
    { type: 'file', path: long, mode: 0o640, uid: 5, gid: 6, content: { text: 'hé\n' } },
    { type: 'file', path: '/h', mode: 0o4755, uid: 0, gid: 0, content: { hostFile: join(folder, 'host'), size: 13, sha256: '' } },
    { type: 'link', path: '/l', target: 't'.repeat(150) },
  ], 1_700_000_000)
  const listed = tool('tar', ['--numeric-owner', '--full-time', '-tvf', file]).trim().split('\n').map((line) => line.replace(/ +/g, ' '))
  t.strictSame(listed, [
    'drwxrwxrwt 1/3000000 0 2023-11-14 22:13:20 d',
    `-rw-r----- 5/6 4 2023-11-14 22:13:20 ${long.slice(1)}`,
    '-rwsr-xr-x 0/0 13 2023-11-14 22:13:20 h',
    `lrwxrwxrwx 0/0 0 2023-11-14 22:13:20 l -> ${'t'.repeat(150)}`,
  ])
  t.equal(tool('tar', ['-xOf', file, long.slice(1), 'h']), 'hé\nfrom the host')
})

t.test('a host file that has changed is noticed', async (t) => {
  const folder = scratch(t.teardown)
  writeFileSync(join(folder, 'host'), 'longer')
  const content = { hostFile: join(folder, 'host'), size: 1, sha256: '' }
  await t.rejects(writeTar(join(folder, 'a.tar'), [{ type: 'file', path: '/h', mode: 0o644, uid: 0, gid: 0, content }], 0), BuildFailure)
})
