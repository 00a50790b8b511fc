import t from 'tap'
import { planBuild } from '../../../image-builder/plan/plan-build.ts'
import { planDebugChange } from '../../../image-builder/plan/plan-debug-change.ts'
import { planStrip } from '../../../image-builder/plan/plan-strip.ts'
import { ImageRefusal } from '../../../image-builder/refusal.ts'
import { LAYOUTS } from './layouts.ts'
import { applied, listing, memoryTree, type MemoryTree, type Planted } from './memory-tree.ts'
import { ANN, built, partsFor } from './parts.ts'

const NOW = new Date('2026-02-02T00:00:00Z')

/** A built image after a guest ran on it. */
const used = (tree: MemoryTree, more: Readonly<Record<string, Planted | undefined>>): MemoryTree => memoryTree(more, tree)

const RAN: Readonly<Record<string, Planted | undefined>> = {
  '/var/lib/trovestrap/enrolment': { text: 'credential', mode: 0o600 },
  '/var/lib/trovestrap/manifests/r2.json': '{}',
  '/var/lib/trove/source/r2/trove/cmd/guest.py': 'import x\n',
  '/var/lib/trove/source/r2/trove/cmd/__pycache__/guest.pyc': 'compiled',
  '/var/lib/trove/source/current': '-> r2',
  '/var/lib/trove/venv/bin/python': '-> /usr/bin/python3',
  '/etc/trove/conf.d/trovestrap.conf': { text: 'transport_url = rabbit://u:p@h\n', mode: 0o600 },
  '/run/trovestrap/agent.env': '',
  '/run/systemd/system/trovestrap-agent.service.d/50-source.conf': '[Service]\n',
  '/home/ann/.bash_history': 'sudo -i\n',
}

t.test('what the daemon left in a guest that ran goes too: no credential stays in a stripped image', async (t) => {
  const base = LAYOUTS['debian']!()
  const ran = used((await built(base, { debugUser: ANN })).tree, RAN)
  const { changes, warnings, record } = await planStrip(ran)
  const left = listing(applied(ran, changes))
  for (const path of ['/run/systemd/system', '/run/systemd']) delete left[path]
  t.same(left, listing(base))
  t.same([warnings, record.debug_user], [[], 'ann'])
})

t.test('building upon a captured guest comes to the same as building upon its base', async (t) => {
  const first = await built(LAYOUTS['debian']!(), { debugUser: ANN })
  const again = await built(used(first.tree, RAN), { debugUser: ANN })
  const left = listing(again.tree)
  for (const path of ['/run/systemd/system', '/run/systemd']) delete left[path]
  t.same(left, listing(first.tree))
})

t.test('what others put into folders that we made stays, and what they altered of ours goes; both are said', async (t) => {
  const { tree } = await built(LAYOUTS['debian']!())
  const { changes, warnings } = await planStrip(
    used(tree, { '/etc/trove/conf.d/guest_info.conf': 'guest_id = x\n', '/var/log/trove/agent.log': 'log\n', '/etc/sudoers.d/trovestrap-agent': 'trove ALL=(ALL) ALL\n', '/etc/trovestrap/guest.json': '{"edited":1}', '/etc/tmpfiles.d/trovestrap.conf': undefined }),
  )
  t.same(warnings.map((line) => line.split(' ').slice(0, 2).join(' ')), ['/etc/sudoers.d/trovestrap-agent was', '/var/log/trove stays', '/etc/trove/conf.d stays', '/etc/trove stays'])
  const gone = changes.filter(({ kind }) => kind === 'remove').map(({ path }) => path)
  t.ok(gone.includes('/etc/trovestrap/guest.json') && gone.includes('/etc/sudoers.d/trovestrap-agent'))
  t.notOk(gone.includes('/etc/trove/conf.d/guest_info.conf') || gone.includes('/etc/tmpfiles.d/trovestrap.conf'))
})

t.test('folders of our names that the base had keep what is not ours', async (t) => {
  const base = memoryTree({ '/var/lib/trove/source/x': 'of somebody', '/run/trovestrap/y': 'too' }, LAYOUTS['debian']!())
  const { tree } = await built(base)
  t.same(listing(applied(tree, (await planStrip(tree)).changes)), listing(base))
})

t.test('on SELinux what comes back, and what is added later, is labelled at the next boot', async (t) => {
  const { tree } = await built(memoryTree({ '/etc/tmpfiles.d/trovestrap.conf': 'd /x\n' }, LAYOUTS['centos']!()), { debugUser: ANN })
  const booted = used(tree, { '/.autorelabel': undefined })
  t.equal((await planStrip(booted)).changes.filter(({ path }) => path === '/.autorelabel').length, 1)
  t.equal(applied(booted, (await planStrip(booted)).changes).entries.has('/.autorelabel'), true)
  t.equal(applied(booted, (await planDebugChange(booted, { kind: 'remove' }, NOW)).changes).entries.has('/.autorelabel'), true)
})

t.test('users that came since the build stay', async (t) => {
  const { tree } = await built(LAYOUTS['debian']!())
  const passwd = tree.entries.get('/etc/passwd')!.bytes.toString()
  const left = applied(used(tree, { '/etc/passwd': `${passwd}late:x:1003:1003::/:/bin/sh\n` }), (await planStrip(used(tree, { '/etc/passwd': `${passwd}late:x:1003:1003::/:/bin/sh\n` }))).changes)
  t.equal(left.entries.get('/etc/passwd')?.bytes.toString(), `${LAYOUTS['debian']!().entries.get('/etc/passwd')!.bytes}late:x:1003:1003::/:/bin/sh\n`)
})

t.test('an original that is missing cannot be put back, which is said', async (t) => {
  const { tree, plan } = await built(LAYOUTS['occupied']!())
  const before = plan.record.put.find(({ path }) => path === '/etc/tmpfiles.d/trovestrap.conf')!.before
  const { warnings } = await planStrip(used(tree, { [before?.kind === 'file' ? before.saved : '']: undefined }))
  t.match(warnings.join('\n'), /tmpfiles.d\/trovestrap.conf cannot be put back/)
})

t.test('an original that is larger than any that is put aside is refused, not read', async (t) => {
  const { tree, plan } = await built(LAYOUTS['occupied']!())
  const { before } = plan.record.put.find(({ path }) => path === '/etc/tmpfiles.d/trovestrap.conf')!
  const huge = before?.kind === 'file' ? before.saved : ''
  const lstat: typeof tree.lstat = async (path) => {
    const node = await tree.lstat(path)
    return path === huge ? { ...node!, size: 2 ** 40 } : node
  }
  await t.rejects(planStrip({ ...tree, lstat }), { name: 'ImageRefusal', message: /has 1099511627776 bytes/ })
})

t.test('a folder that went or moved since the build is no obstacle', async (t) => {
  const { tree } = await built(LAYOUTS['occupied']!())
  const gone = used(tree, { '/etc/tmpfiles.d': undefined, '/etc/tmpfiles.d/trovestrap.conf': undefined })
  const { changes, warnings } = await planStrip(gone)
  t.ok(warnings.includes('/etc/tmpfiles.d/trovestrap.conf cannot be put back: /etc/tmpfiles.d is missing'))
  applied(gone, changes)
  const sudoers = tree.entries.get('/etc/sudoers.d/trovestrap-agent')!.bytes
  const moved = memoryTree({ '/etc/sudoers.d/README': undefined, '/etc/sudoers.d/trovestrap-agent': undefined, '/srv/sudoers.d/trovestrap-agent': sudoers, '/etc/sudoers.d': '-> /srv/sudoers.d' }, tree)
  t.equal(applied(moved, (await planStrip(moved)).changes).entries.get('/srv/sudoers.d/trovestrap-agent')?.target, '/nowhere')
})

t.test('an image with nothing of ours is refused', async (t) => {
  await t.rejects(planStrip(LAYOUTS['debian']!()), ImageRefusal)
  await t.rejects(planDebugChange(LAYOUTS['debian']!(), { kind: 'remove' }, NOW), ImageRefusal)
  const { tree } = await built(LAYOUTS['debian']!())
  await t.rejects(planDebugChange(tree, { kind: 'remove' }, NOW), { message: 'the image has no debug user' })
})

t.test('re-keying keeps the home and who the user is', async (t) => {
  const { tree } = await built(LAYOUTS['debian']!(), { debugUser: ANN })
  const lived = used(tree, { '/home/ann/notes': { text: 'mine', uid: 1002, gid: 1002 } })
  const { changes, record } = await planDebugChange(lived, { kind: 'set', user: { name: 'ann', sshKeys: ['ssh-ed25519 BBBB'] } }, NOW)
  const keyed = applied(lived, changes)
  t.equal(keyed.entries.get('/home/ann/notes')?.bytes.toString(), 'mine')
  t.equal(keyed.entries.get('/home/ann/.ssh/authorized_keys')?.bytes.toString(), 'ssh-ed25519 BBBB\n')
  t.match(keyed.entries.get('/etc/shadow')?.bytes.toString(), /^ann:\*::0:99999:7:::$/m)
  t.notOk(keyed.entries.has('/etc/ssh/sshd_config.d/05-trovestrap-debug.conf'), 'no password, no login by one')
  t.equal(keyed.entries.get('/etc/passwd')?.bytes.toString(), tree.entries.get('/etc/passwd')?.bytes.toString())
  t.equal((await planBuild(keyed, partsFor())).rebuilt && record.debug_user, 'ann')
})
