import t from 'tap'
import { describeChange, type Change } from '../../../image-builder/change.ts'
import { planBuild } from '../../../image-builder/plan/plan-build.ts'
import { ImageRefusal } from '../../../image-builder/refusal.ts'
import { TOKEN } from '../small-image.ts'
import { debianWith, LAYOUTS } from './layouts.ts'
import { ANN, built, partsFor, PREBAKE } from './parts.ts'

const textOf = (changes: readonly Change[], path: string): string => {
  const change = changes.find((change) => change.path === path)
  return change && 'content' in change && 'text' in change.content ? change.content.text : ''
}

t.test('the same wish on the same image gives the same plan, and no line of it or of the record holds a secret', async (t) => {
  const parts = partsFor({ debugUser: ANN, prebake: PREBAKE })
  const plan = await planBuild(LAYOUTS['debian']!(), parts)
  t.same(await planBuild(LAYOUTS['debian']!(), parts), plan)
  t.notMatch([...plan.changes.map(describeChange), JSON.stringify(plan.record)].join('\n'), new RegExp(`${TOKEN.split('.')[1]!}|\\$6\\$`))
  t.equal(plan.changes.at(-1)?.path, '/opt/trovestrap/build.json')
  t.same(JSON.parse(textOf(plan.changes, '/opt/trovestrap/build.json')), plan.record)
  t.match(plan.record, { token: 'abc123', built: '2026-01-02T03:04:05.000Z', debug_user: 'ann', trove: { revision: 'r1' } })
})

t.test('the content digest knows what was put in and not when, nor on which base', async (t) => {
  const digest = async (more: Parameters<typeof partsFor>[0]): Promise<[string, string]> => {
    const { content, record } = await planBuild(LAYOUTS['debian']!(), partsFor(more))
    return [content, record.build]
  }
  const [content, build] = await digest({})
  t.same(await digest({ now: '2027-01-01T00:00:00Z' }), [content, build])
  const [same, other] = await digest({ sha256: 'd'.repeat(64) })
  t.same([same, other === build], [content, false])
  for (const more of [{ noToken: true }, { urls: ['https://h:1'] }, { debugUser: ANN }, { agentUser: 'agent' }, { prebake: PREBAKE }]) t.not((await digest(more))[0], content, JSON.stringify(more))
  t.not((await digest({ debugUser: { ...ANN, passwordHash: '$6$other' } }))[0], (await digest({ debugUser: ANN }))[0], 'another password')
})

t.test('without a token the image holds none, and its config says so by leaving it out', async (t) => {
  const { changes, record } = await planBuild(LAYOUTS['debian']!(), partsFor({ noToken: true }))
  t.same(Object.keys(JSON.parse(textOf(changes, '/etc/trovestrap/guest.json')) as object), ['format', 'urls', 'agent'])
  t.equal(record.token, '')
})

t.test('what the image lacks for a Trove agent is a warning that says what to install', async (t) => {
  const bare = debianWith({ '/usr/bin/sudo': undefined, '/usr/bin/python3': undefined, '/usr/bin/cloud-init': undefined })
  t.same((await planBuild(bare, partsFor())).warnings.map((line) => line.split(' ').at(-3)), ['sudo', 'python3', 'cloud-init'])
  t.same((await planBuild(LAYOUTS['debian']!(), partsFor())).warnings, [])
})

t.test('each layout has its own: labels at the first boot, shells, the unit of the serial console', async (t) => {
  for (const [name, shell, getty, relabelled] of [
    ['debian', '/usr/sbin/nologin', '/usr/lib/systemd/system/serial-getty@.service', false],
    ['unmerged', '/sbin/nologin', '/lib/systemd/system/serial-getty@.service', false],
    ['centos', '/usr/sbin/nologin', '/usr/lib/systemd/system/serial-getty@.service', true],
  ] as const) {
    const { tree } = await built(LAYOUTS[name]!(), { debugUser: ANN })
    t.match(tree.entries.get('/etc/passwd')?.bytes.toString(), new RegExp(`^trove:x:998:998:.*:${shell}\nann:x:1002:1002:.*:/bin/bash$`, 'm'), name)
    t.equal(tree.entries.get('/etc/systemd/system/getty.target.wants/serial-getty@ttyS0.service')?.target, getty, name)
    t.equal(tree.entries.has('/.autorelabel'), relabelled, name)
  }
})

t.test('links above what is put in are followed inside the image', async (t) => {
  const { tree } = await built(LAYOUTS['linked']!(), { debugUser: ANN })
  for (const path of ['/usr/local/etc/systemd/system/trovestrap-guest.service', '/data/opt/trovestrap/bin/node', '/data/home/ann/.ssh/authorized_keys']) t.ok(tree.entries.has(path), path)
  t.equal(tree.entries.get('/opt')?.target, '/data/opt')
})

t.test('a debug user who is somebody already, or could not log in, is refused', async (t) => {
  for (const debugUser of [{ ...ANN, name: 'ubuntu' }, { ...ANN, name: 'trove' }, { name: 'ann', sshKeys: [] }]) await t.rejects(planBuild(LAYOUTS['debian']!(), partsFor({ debugUser })), ImageRefusal)
})

t.test('what stands where it could not be put back is refused, not overwritten', async (t) => {
  for (const tree of [debianWith({ '/etc/trovestrap': 'a file' }), debianWith({ '/opt/trovestrap/bin/node/x': '' }), debianWith({ '/etc/trove': '-> /etc/trove' })]) {
    await t.rejects(planBuild(tree, partsFor()), ImageRefusal)
  }
  const debian = debianWith({ '/etc/sysusers.d': { folder: true } })
  const socket = { ...debian, lstat: async (path: string) => (path === '/etc/sysusers.d/trovestrap.conf' ? { ...(await debian.lstat('/etc/passwd'))!, type: 'other' as const } : await debian.lstat(path)) }
  await t.rejects(planBuild(socket, partsFor()), { message: /neither file, folder nor link/ })
})

t.test('a record of an older version, or one that somebody made up, is refused', async (t) => {
  await t.rejects(planBuild(debianWith({ '/opt/trovestrap/build.json': '{"format":1}' }), partsFor()), { name: 'ImageRefusal', message: /older version; start from the base image/ })
  const { record } = await planBuild(LAYOUTS['occupied']!(), partsFor())
  const forged = (change: (record: { put: Record<string, unknown>[] }) => void): string => {
    const copy = structuredClone(record)
    change(copy)
    return JSON.stringify(copy)
  }
  for (const text of ['', 'null', '{"format":2}', forged(({ put }) => (put[0]!['path'] = '/a/../b')), forged(({ put }) => (put[0]!['path'] = '/a\nb')), forged(({ put }) => (put[0]!['before'] = { kind: 'file', mode: 0, uid: 0, gid: 0, saved: '/etc/shadow' }))]) {
    await t.rejects(planBuild(debianWith({ '/opt/trovestrap/build.json': text }), partsFor()), ImageRefusal, text.slice(0, 40))
  }
  t.equal((await planBuild(debianWith({ '/opt/trovestrap/build.json': forged(() => {}) }), partsFor())).rebuilt, true)
})
