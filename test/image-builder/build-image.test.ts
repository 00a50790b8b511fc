import { createHash } from 'node:crypto'
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { buildImage } from '../../image-builder/build-image.ts'
import { CA, debugfs, PUBLIC_KEY, quiet, scratch, smallImage, TOKEN, tool, wishFor } from './small-image.ts'

const digest = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

t.test('the daemon, its configuration and its users are in OUT; BASE is as it was, and OUT needs no other file', async (t) => {
  const folder = scratch(t.teardown)
  const base = smallImage(folder, {
    tree: {
      'usr/lib/systemd/system/serial-getty@.service': '[Service]\nExecStart=/sbin/agetty\n',
      'etc/systemd/system/guest-agent.service': '[Service]\nExecStart=/bin/true\n',
      'etc/systemd/system/multi-user.target.wants/guest-agent.service': '-> /etc/systemd/system/guest-agent.service',
    },
  })
  const before = digest(base)
  const wish = wishFor(folder, base, { debugUser: { name: 'ann', sshKeys: [PUBLIC_KEY], passwordHash: '$6$salt$hash' } })
  const steps: string[] = []
  const result = await buildImage(wish, { ...quiet, begin: (step) => void steps.push(step) })
  t.same(steps, ['base image', 'copy', 'look inside', 'plan', 'write', 'finish'])
  t.equal(result.warnings.length, 1)
  t.match(result.warnings[0], /^the image has guest-agent\.service, an agent of its own: it does not start as long as ours is there/)
  t.equal(digest(base), before)
  t.equal(statSync(wish.out).mode & 0o777, 0o600)
  t.same(readdirSync(folder).sort(), ['base.qcow2', 'node', 'out.qcow2', 'out.qcow2.json'], 'nothing else is left')
  const info = JSON.parse(tool('qemu-img', ['info', '--output=json', wish.out])) as Record<string, unknown>
  t.equal(info['backing-filename'], undefined)
  tool('qemu-img', ['check', '-q', wish.out])

  const look = (command: string) => debugfs(folder, wish.out, command)
  t.same(JSON.parse(look('cat /etc/trovestrap/guest.json')), { format: 1, urls: ['https://10.0.0.1:15555'], token: TOKEN, agent: { user: 'trove' } })
  t.match(look('stat /etc/trovestrap/guest.json'), /Mode: {2}0600[\s\S]*User: +0 +Group: +0/)
  t.equal(look('cat /etc/trovestrap/ca.pem'), CA)
  t.match(look('stat /opt/trovestrap/bin/node'), /Type: regular +Mode: {2}0755/)
  t.match(look('stat /var/lib/trove'), /Mode: {2}0755[\s\S]*User: +999 +Group: +999/)
  t.match(look('stat /etc/sudoers.d/trovestrap-agent'), /Mode: {2}0440/)
  t.match(look('stat /etc/systemd/system/multi-user.target.wants/trovestrap-guest.service'), /Fast link dest: "\/etc\/systemd\/system\/trovestrap-guest.service"/)
  t.match(look('cat /etc/systemd/system/guest-agent.service.d/trovestrap.conf'), /^ConditionPathExists=!\/opt\/trovestrap\/bin\/node$/m, 'the image\'s own agent is not started')
  t.match(look('cat /etc/passwd'), /^trove:x:999:999:.*\nann:x:1002:1002:Trovestrap debug user:\/home\/ann:\/bin\/sh\n$/m)
  t.match(look('cat /etc/shadow'), /^ann:\$6\$salt\$hash::0:99999:7:::$/m)
  t.match(look('cat /etc/group'), /^docker:x:\d+:trove$/m)
  t.match(look('stat /home/ann/.ssh/authorized_keys'), /Mode: {2}0600[\s\S]*User: +1002 +Group: +1002/)
  t.equal(look('cat /home/ann/.ssh/authorized_keys'), `${PUBLIC_KEY}\n`)
  t.match(look('cat /etc/ssh/sshd_config.d/05-trovestrap-debug.conf'), /Match User ann\n {4}PasswordAuthentication yes/)
  t.notMatch(look('cat /opt/trovestrap/build.json'), TOKEN.split('.')[1]!)
})

t.test('MBR, bare file systems and raw files are taken, and an own output can be built upon', async (t) => {
  const folder = scratch(t.teardown)
  const cases = { mbr: smallImage(folder, { table: 'dos', name: 'mbr.qcow2' }), bare: smallImage(folder, { table: 'none', name: 'bare.raw', type: 'ext2' }) }
  for (const [name, base] of Object.entries(cases)) await t.resolves(buildImage(wishFor(folder, base, { out: join(folder, `${name}-out.qcow2`) }), quiet), name)
  const again = wishFor(folder, join(folder, 'mbr-out.qcow2'))
  await buildImage(again, quiet)
  t.equal(debugfs(folder, again.out, 'cat /etc/passwd').match(/^trove:/gm)?.length, 1)
})

t.test('what stands in an unclean journal is not lost', async (t) => {
  const folder = scratch(t.teardown)
  const base = smallImage(folder, { tree: { 'var/marker': 'o'.repeat(1024) } })
  writeFileSync(join(folder, 'new'), 'n'.repeat(1024))
  const block = debugfs(folder, base, 'bmap /var/marker 0').trim()
  debugfs(folder, base, ['jo', `jw -b ${block} ${join(folder, 'new')}`, 'jc'], { write: true })
  t.equal(debugfs(folder, base, 'cat /var/marker'), 'o'.repeat(1024), 'the change is in the journal alone')
  const wish = wishFor(folder, base)
  await buildImage(wish, quiet)
  t.equal(debugfs(folder, wish.out, 'cat /var/marker'), 'n'.repeat(1024))
})

t.test('without a wish for one there is no debug user', async (t) => {
  const folder = scratch(t.teardown)
  const wish = wishFor(folder, smallImage(folder))
  await buildImage(wish, quiet)
  t.same(debugfs(folder, wish.out, 'cat /etc/passwd').split('\n').map((line) => line.split(':')[0]), ['root', 'daemon', 'trove', ''])
  t.notMatch(debugfs(folder, wish.out, 'ls /etc/sudoers.d'), 'debug')
})

t.test('a build that is ended leaves neither OUT nor a folder', async (t) => {
  const folder = scratch(t.teardown)
  const wish = wishFor(folder, smallImage(folder))
  for (const step of ['copy', 'look inside', 'write', 'finish']) {
    const stop = new AbortController()
    const ending = { ...quiet, begin: (name: string) => void (name === step && stop.abort(new Error(`ended at ${step}`))) }
    await t.rejects(buildImage(wish, ending, stop.signal), { message: `ended at ${step}` })
    t.same(readdirSync(folder).sort(), ['base.qcow2', 'node'])
  }
})

t.test('OUT is replaced only when asked for, and stays as it was when the build fails', async (t) => {
  const folder = scratch(t.teardown)
  const wish = wishFor(folder, smallImage(folder))
  await buildImage(wish, quiet)
  const first = digest(wish.out)
  await t.rejects(buildImage(wish, quiet), { name: 'ImageRefusal', message: /is there already; choose another name or add --force/ })
  await t.rejects(buildImage({ ...wish, force: true, node: join(folder, 'nothing') }, quiet), { name: 'ImageRefusal' })
  t.equal(digest(wish.out), first)
  await buildImage({ ...wish, force: true, urls: ['https://other:15555'] }, quiet)
  t.not(digest(wish.out), first)
})

t.test('what a killed build left is cleared away by the next one', async (t) => {
  const folder = scratch(t.teardown)
  const wish = wishFor(folder, smallImage(folder))
  const left = join(folder, '.trovestrap-build-1-1-abcdef')
  tool('mkdir', [left])
  chmodSync(left, 0o700)
  await buildImage(wish, quiet)
  t.equal(existsSync(left), false)
})
