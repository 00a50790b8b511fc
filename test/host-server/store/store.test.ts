import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { parseCredential } from '../../../contract/credential.ts'
import { Secret } from '../../../contract/secret.ts'
import { migrate } from '../../../host-server/store/migrations.ts'
import { openStore } from '../../../host-server/store/open-store.ts'
import { REFUSALS_KEPT } from '../../../host-server/store/refusals.ts'
import { REPORTS_KEPT } from '../../../host-server/store/reports.ts'
import type { EnrolmentWish, Store } from '../../../host-server/store/store.ts'
import { reportOf } from './report-of.ts'

const ONE = '11111111-1111-4111-8111-111111111111'
const TWO = '22222222-2222-4222-8222-222222222222'
const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second))

function fresh(t: Test): Store {
  const store = openStore(join(t.testdir({}), 'db.sqlite'))
  t.teardown(() => store.close())
  return store
}

function bootstrap(text: Secret): { id: string; secret: Secret } {
  const credential = parseCredential(text.reveal())
  if (credential?.kind !== 'bootstrap') throw new Error('expected a bootstrap token')
  return credential
}

const wish = (changed: Partial<EnrolmentWish> = {}): EnrolmentWish => ({
  admitted: 'a test',
  instance: ONE,
  key: new Secret('one').sha256(),
  expires: at(100),
  address: '10.0.2.15',
  ...changed,
})

t.test('a token opens until it expires or is revoked, and only with its own secret', async (t) => {
  const store = fresh(t)
  const made = store.tokens.create({ lifetime: 60, description: 'for a test' }, at(0))
  const { id, secret } = bootstrap(made.token)
  t.equal(made.id, id)
  t.ok(store.tokens.opens(id, secret, at(59)))
  t.notOk(store.tokens.opens(id, secret, at(60)))
  t.notOk(store.tokens.opens(id, new Secret('x'.repeat(16)), at(1)))
  t.notOk(store.tokens.opens('zzzzzz', secret, at(1)))
  t.ok(store.tokens.revoke(id, at(2)))
  t.ok(store.tokens.revoke(id, at(3)))
  t.notOk(store.tokens.revoke('zzzzzz', at(3)))
  t.notOk(store.tokens.opens(id, secret, at(3)))
  t.same(store.tokens.list(), [
    { id, created: at(0).toISOString(), expires: at(60).toISOString(), uses: 0, description: 'for a test', revoked: at(2).toISOString() },
  ])
})

t.test('enrolling again with the same key renews, with another key it is refused', async (t) => {
  const store = fresh(t)
  t.equal(store.instances.enrol(wish({ name: 'db-1' }), at(1)), 'new')
  t.equal(store.instances.enrol(wish({ expires: at(200), address: '10.0.2.16' }), at(2)), 'again')
  t.equal(store.instances.enrol(wish({ key: new Secret('other').sha256() }), at(3)), 'taken')
  t.same(store.instances.list(), [
    {
      instance: ONE,
      enrolled: at(1).toISOString(),
      expires: at(200).toISOString(),
      name: 'db-1',
      address: '10.0.2.16',
      last_seen: at(2).toISOString(),
    },
  ])
  t.ok(store.instances.opens(ONE, new Secret('one'), at(199)))
  t.notOk(store.instances.opens(ONE, new Secret('one'), at(200)))
  t.notOk(store.instances.opens(ONE, new Secret('other'), at(2)))
  t.notOk(store.instances.opens(TWO, new Secret('one'), at(2)))
})

t.test('a token with one use enrols one instance, and that one as often as it asks', async (t) => {
  const store = fresh(t)
  const token = store.tokens.create({ lifetime: 60, maxUses: 1 }, at(0)).id
  t.equal(store.instances.enrol(wish({ token }), at(1)), 'new')
  t.equal(store.instances.enrol(wish({ token }), at(2)), 'again')
  t.equal(store.instances.enrol(wish({ token, instance: TWO }), at(3)), 'token-used-up')
  t.equal(store.instances.get(TWO), undefined)
  t.match(store.tokens.list(), [{ uses: 1, max_uses: 1 }])
})

t.test('a forgotten instance enrols with a new key, a revoked one with none', async (t) => {
  const store = fresh(t)
  store.instances.enrol(wish(), at(1))
  store.reports.add(ONE, [reportOf(1)], '10.0.2.15', at(1))
  t.ok(store.instances.forget(ONE, new Date()))
  t.notOk(store.instances.forget(ONE, new Date()))
  t.same(store.reports.list(ONE), [])
  t.equal(store.instances.enrol(wish({ key: new Secret('new').sha256() }), at(2)), 'new')
  t.ok(store.instances.revoke(ONE, at(3)))
  t.notOk(store.instances.opens(ONE, new Secret('new'), at(3)))
  t.equal(store.instances.enrol(wish({ key: new Secret('new').sha256() }), at(4)), 'revoked')
  t.notOk(store.instances.revoke(TWO, at(3)))
})

t.test('a report that comes twice is there once', async (t) => {
  const store = fresh(t)
  store.instances.enrol(wish(), at(1))
  t.equal(store.reports.add(ONE, [reportOf(1), reportOf(2)], '10.0.2.15', at(2)), 2)
  t.equal(store.reports.add(ONE, [reportOf(1), reportOf(2), reportOf(3)], '10.0.2.15', at(3)), 1)
  t.same(store.reports.list(ONE), [
    { received: at(2).toISOString(), report: reportOf(1) },
    { received: at(2).toISOString(), report: reportOf(2) },
    { received: at(3).toISOString(), report: reportOf(3) },
  ])
  t.equal(store.reports.add(TWO, [reportOf(1)], '10.0.2.15', at(3)), 0, 'of an unknown instance nothing is kept')
})

t.test('the latest report is the highest of the newest run, since is when its stage was first heard', async (t) => {
  const store = fresh(t)
  store.instances.enrol(wish(), at(1))
  const heard = (second: number, ...reports: Parameters<typeof reportOf>[]) => {
    store.reports.add(ONE, reports.map((report) => reportOf(...report)), '10.0.2.15', at(second))
    const { latest, since, last_seen } = store.instances.get(ONE)!
    return [latest?.run, latest?.seq, latest?.stage, since, last_seen]
  }
  const iso = (second: number) => at(second).toISOString()
  const next = '0000000b'
  t.same(heard(2, [1], [2, { state: 'failed' }]), ['0000000a', 2, 'network', iso(2), iso(2)])
  t.same(heard(3, [3, { attempt: 2 }]), ['0000000a', 3, 'network', iso(2), iso(3)])
  t.same(heard(4, [4, { stage: 'enrol' }]), ['0000000a', 4, 'enrol', iso(4), iso(4)])
  t.same(heard(5, [2]), ['0000000a', 4, 'enrol', iso(4), iso(5)], 'a repeat changes nothing but last_seen')
  t.same(heard(6, [1, { run: next, stage: 'enrol' }]), [next, 1, 'enrol', iso(6), iso(6)], 'a new run counts anew')
  t.same(heard(7, [9, { stage: 'fetch' }]), [next, 1, 'enrol', iso(6), iso(7)], 'a straggler of the old run does not lead')
})

t.test('host keys of the newest report that tells them are kept, not those of a straggler, and they go with the instance', async (t) => {
  const store = fresh(t)
  store.instances.enrol(wish(), at(1))
  const [first, second] = ['ssh-ed25519 first', 'ssh-ed25519 second']
  const keys = (...reports: Parameters<typeof reportOf>[]) => {
    store.reports.add(ONE, reports.map((report) => reportOf(...report)), '10.0.2.15', at(2))
    return store.instances.get(ONE)!.host_keys
  }
  t.same(keys([1], [2, { host_keys: [first!] }], [3]), [first])
  t.same(keys([1, { run: '0000000b', host_keys: [second!] }]), [second])
  t.same(keys([9, { host_keys: [first!] }]), [second], 'of the old run')
  t.same(keys([2, { run: '0000000b', host_keys: [] }]), undefined, 'it has none any more')
  t.same(keys([3, { run: '0000000b', host_keys: [second!] }]), [second])
  t.notOk(store.reports.list(ONE).some(({ report }) => 'host_keys' in report), 'and stand there once')
  store.instances.forget(ONE, at(3))
  store.instances.enrol(wish(), at(4))
  t.equal(store.instances.get(ONE)!.host_keys, undefined)
})

t.test('of each instance the newest reports are kept and no more', async (t) => {
  const store = fresh(t)
  store.instances.enrol(wish(), at(1))
  store.instances.enrol(wish({ instance: TWO }), at(1))
  store.reports.add(TWO, [reportOf(1)], '10.0.2.15', at(2))
  store.reports.add(ONE, Array.from({ length: REPORTS_KEPT + 5 }, (_, i) => reportOf(i + 1)), '10.0.2.15', at(2))
  const kept = store.reports.list(ONE).map(({ report }) => report.seq)
  t.equal(kept.length, REPORTS_KEPT)
  t.same([kept[0], kept.at(-1)], [6, REPORTS_KEPT + 5])
  t.equal(store.reports.list(TWO).length, 1)
})

t.test('refusals are one per address, instance and code, bounded, and go once the guest is enrolled', async (t) => {
  const store = fresh(t)
  const refused = (second: number, address: string, instance?: string) =>
    store.refusals.add({ at: at(second).toISOString(), address, code: 'TOKEN_REFUSED', ...(instance ? { instance } : {}) })
  refused(1, '10.0.2.15')
  refused(2, '10.0.2.15')
  refused(3, '10.0.2.16', ONE)
  refused(4, '10.0.2.17')
  t.same(
    store.refusals.list().map(({ at: time, address }) => [time, address]),
    [[at(4).toISOString(), '10.0.2.17'], [at(3).toISOString(), '10.0.2.16'], [at(2).toISOString(), '10.0.2.15']],
  )
  store.instances.enrol(wish(), at(5))
  t.same(store.refusals.list(), [{ at: at(4).toISOString(), address: '10.0.2.17', code: 'TOKEN_REFUSED' }])
  for (let i = 0; i < REFUSALS_KEPT + 20; i++) refused(6, `10.1.${i >> 8}.${i & 255}`)
  t.equal(store.refusals.list().length, REFUSALS_KEPT)
})

t.test('a second process sees what the first wrote', async (t) => {
  const file = join(t.testdir({}), 'db.sqlite')
  const [first, second] = [openStore(file), openStore(file)]
  t.teardown(() => (first.close(), second.close()))
  const { id } = first.tokens.create({ lifetime: 60 }, at(0))
  second.tokens.revoke(id, at(1))
  t.match(first.tokens.list(), [{ id, revoked: at(1).toISOString() }])
})

t.test('a schema step is taken once and whole', async (t) => {
  const database = new DatabaseSync(':memory:')
  const version = () => database.prepare('PRAGMA user_version').get()?.['user_version']
  migrate(database, ['CREATE TABLE a (x)'])
  t.equal(version(), 1)
  t.throws(() => migrate(database, ['', 'CREATE TABLE b (x); CREATE TABLE a (y)']), /already exists/)
  t.equal(version(), 1)
  t.throws(() => database.exec('SELECT * FROM b'), /no such table/, 'half a step leaves nothing')
  migrate(database, ['', 'CREATE TABLE b (x)'])
  t.equal(version(), 2)
  t.throws(() => migrate(database, ['']), {
    name: 'SetupError',
    message: 'the database has schema version 2, this Trovestrap knows 1: a newer version wrote it; use that one',
  })
})

t.test('who was not heard of for long and whose credential has ended is removed, in steps; whose credential still opens doors stays', async (t) => {
  const store = fresh(t)
  const [ended, revoked, valid, recent] = ['1', '2', '3', '4'].map((digit) => ONE.replaceAll('1', digit).replace(/-.{4}-.{4}-/, '-4444-8444-')) as [string, string, string, string]
  for (const [instance, expires, seen] of [[ended, 50, 10], [revoked, 900, 10], [valid, 900, 10], [recent, 50, 300]] as const) {
    store.instances.enrol(wish({ instance, expires: at(expires) }), at(seen))
    store.reports.add(instance, Array.from({ length: 600 }, (_, index) => reportOf(index + 1)), '10.0.2.15', at(seen))
  }
  store.instances.revoke(revoked, at(20))
  let steps = 0
  while (store.instances.removeOld(at(200), at(400))) steps++
  t.same(store.instances.list().map(({ instance }) => instance), [valid, recent])
  t.same([ended, valid].map((instance) => store.reports.list(instance).length), [0, 600])
  t.equal(steps, 6, 'two of 250 reports and one with the rest, for each')
  t.match(store.audit.list({ last: 2 }), [
    { event: 'forget', by: 'host-server', instance: ended, detail: `not heard of since ${at(10).toISOString()}` },
    { event: 'forget', instance: revoked },
  ])
  t.notOk(store.instances.removeOld(at(200), at(400)))
})

t.test('what cannot be written into the audit log is not granted either', async (t) => {
  const file = join(t.testdir({}), 'db.sqlite')
  const store = openStore(file)
  t.teardown(() => store.close())
  const { id } = store.tokens.create({ lifetime: 60 }, at(0))
  const beside = new DatabaseSync(file)
  beside.exec("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'the disk is full'); END")
  beside.close()
  const full = { message: /the disk is full/ }
  t.throws(() => store.instances.enrol({ instance: ONE, admitted: 'a test', key: 'a'.repeat(64), expires: at(60), address: '10.0.2.15', token: id }, at(1)), full)
  t.throws(() => store.approvals.approve(ONE, undefined, 60, at(1)), full)
  t.throws(() => store.approvals.open(60, at(1)), full)
  t.throws(() => store.tokens.create({ lifetime: 60 }, at(1)), full)
  t.throws(() => store.tokens.revoke(id, at(1)), full)
  t.same(store.instances.list(), [])
  t.notOk(store.approvals.approved(ONE, 'a'.repeat(64), at(2)))
  t.equal(store.approvals.openUntil(at(2)), undefined)
  t.match(store.tokens.list(), [{ id, uses: 0, revoked: undefined }])
})
