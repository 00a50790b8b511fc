import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { inspectText } from '../../cli/image-text.ts'
import { buildImage } from '../../image-builder/build-image.ts'
import type { Inspection } from '../../image-builder/inspect-image.ts'
import { DEBIAN, PUBLIC_KEY, quiet, scratch, smallImage, wishFor } from '../image-builder/small-image.ts'
import { runImage } from './image-host.ts'

/** None of these verbs needs a configuration. */
const NONE = '/nowhere/config.yaml'
const folder = scratch(t.teardown)
const base = smallImage(folder)
const wish = wishFor(folder, base)
await buildImage(wish, quiet)
const fresh = (name: string): string => join(folder, name)

t.test('the help of every verb says its exit codes', async (t) => {
  for (const verb of ['build', 'check', 'inspect', 'diff', 'strip', 'debug-user']) {
    t.match(await runImage(t, NONE, verb, '--help'), { exitCode: 0, stdout: /Exit codes: 0 .*2 / }, verb)
  }
})

t.test('diff: 1 and a line for every path that differs, 0 for none, 2 for what is no image', async (t) => {
  const other = smallImage(folder, {
    name: 'other.qcow2',
    tree: { 'etc/passwd': `${String(DEBIAN['etc/passwd'])}ann:x:1000:1000::/:\n`, 'etc/sudoers': undefined, 'etc/motd\u001b[2J': 'hello\n' },
  })
  const { exitCode, stdout, told } = await runImage(t, NONE, 'diff', base, other)
  t.equal(exitCode, 1)
  const [added, changed, removed, ...rest] = stdout.split('\n')
  t.match(added, /^\+ \/etc\/motd\\u\{1b\}\[2J {2}file 0644 \d+:\d+ 6 bytes$/)
  t.match(changed, /^~ \/etc\/passwd {2}size 80 -> 100 bytes$/)
  t.match(removed, /^- \/etc\/sudoers {2}file 0644 \d+:\d+ 27 bytes$/)
  t.same(rest, [''])
  t.match(told, /differ in 3 paths/)

  const programs = await runImage(t, NONE, 'diff', base, other, '--json')
  t.equal(programs.exitCode, 1)
  t.match(JSON.parse(programs.stdout), [{ path: '/etc/motd\u001b[2J', kind: 'added' }, { path: '/etc/passwd', kind: 'changed' }, { path: '/etc/sudoers', kind: 'removed' }])

  t.same(await runImage(t, NONE, 'diff', base, base), { exitCode: 0, stdout: '', told: '' })
  t.match(await runImage(t, NONE, 'diff', base, fresh('none.qcow2')), { exitCode: 2, stdout: '', told: /none\.qcow2.*nothing was shown/ })
})

t.test('inspect shows what was put in; an image with nothing of ours is exit code 2', async (t) => {
  const people = await runImage(t, NONE, 'inspect', wish.out)
  t.match(people, { exitCode: 0, stdout: /^host-server +https:\/\/10\.0\.0\.1:15555\ntoken +abc123 .*not shown/m })
  t.notMatch(people.stdout, '0123456789abcdef')
  const seen = JSON.parse((await runImage(t, NONE, 'inspect', wish.out, '--json')).stdout) as Inspection
  t.match(seen, { enabled: true, altered: [], record: { token: 'abc123' } })
  t.match(inspectText({ ...seen, record: { ...seen.record, os: 'Debian\u001b[2J' } }), 'Debian\\u{1b}[2J', 'an image does not speak to the terminal')
  t.match(await runImage(t, NONE, 'inspect', base), { exitCode: 2, stdout: '', told: /nothing of ours in it.*\n?.*nothing was shown/ })
})

t.test('strip makes of OUT what BASE was', async (t) => {
  const clean = fresh('clean.qcow2')
  t.match(await runImage(t, NONE, 'strip', wish.out), { exitCode: 2, told: /required option '-o, --out <CLEAN>'/ })
  t.match(await runImage(t, NONE, 'strip', wish.out, '-o', clean), { exitCode: 0, stdout: /remove \/opt\/trovestrap \(ours\)\n(.*\n)*.*clean\.qcow2: \d+ changes, / })
  t.same(await runImage(t, NONE, 'diff', base, clean), { exitCode: 0, stdout: '', told: '' })
  t.match(await runImage(t, NONE, 'strip', wish.out, '-o', clean), { exitCode: 2, stdout: '', told: /is there already.*--force/ })
  t.match(JSON.parse((await runImage(t, NONE, 'strip', wish.out, '-o', clean, '--force', '--json')).stdout), { out: clean, way: 'direct' })
  t.match(await runImage(t, NONE, 'strip', base, '-o', fresh('no.qcow2')), { exitCode: 2, stdout: '', told: /nothing of ours.*nothing written/ })
  t.notOk(existsSync(fresh('no.qcow2')))
})

t.test('debug-user sets one or removes it, and wants to be told which', async (t) => {
  const [key, withUser, without] = [fresh('key.pub'), fresh('with-user.qcow2'), fresh('without.qcow2')]
  writeFileSync(key, `${PUBLIC_KEY}\n`)
  const user = ['--debug-user', 'ann', '--debug-key', key]
  const debugUser = async (image: string) => /^debug user +(.*)$/m.exec((await runImage(t, NONE, 'inspect', image)).stdout)?.[1]
  for (const which of [[], [...user, '--remove']]) {
    t.match(await runImage(t, NONE, 'debug-user', wish.out, '-o', withUser, ...which), { exitCode: 2, stdout: '', told: 'expected either a debug user or --remove' })
  }
  t.match(await runImage(t, NONE, 'debug-user', wish.out, '-o', withUser, '--remove', '--debug-key', key), { exitCode: 2, told: /but no name\.\n {2}--debug-user NAME/ })
  t.notOk(existsSync(withUser))

  t.match(await runImage(t, NONE, 'debug-user', wish.out, '-o', withUser, ...user), { exitCode: 0, stdout: /authorized_keys(.*\n)*.*with-user\.qcow2: \d+ changes/ })
  t.equal(await debugUser(withUser), 'ann')
  const removed = await runImage(t, NONE, 'debug-user', withUser, '-o', without, '--remove', '--json')
  t.match(JSON.parse(removed.stdout), { out: without })
  t.equal(await debugUser(without), 'none')
})
