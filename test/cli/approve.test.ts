import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openStore } from '../../host-server/store/open-store.ts'
import type { Store } from '../../host-server/store/store.ts'
import { registerApprove } from '../../cli/approve.ts'
import { registerAudit } from '../../cli/audit.ts'
import { registerInit } from '../../cli/init.ts'
import { runVerb, type Outcome } from './run-verb.ts'

const ONE = '11111111-1111-4111-8111-111111111111'
const TWO = '11111111-2222-4222-8222-222222222222'

/** A state with its store open beside the verbs, as host-server has it. */
async function host(t: Test): Promise<{ store: Store; approve: (...args: string[]) => Promise<Outcome>; audit: (...args: string[]) => Promise<Outcome> }> {
  const folder = t.testdir({})
  const config = join(folder, 'trovestrap.yaml')
  writeFileSync(config, 'names: [controller]\nstate: state\nsource: { path: tree }\n')
  await runVerb(t, registerInit, config, 'init')
  const store = openStore(join(folder, 'state', 'trovestrap.sqlite'))
  t.teardown(() => store.close())
  return { store, approve: (...args) => runVerb(t, registerApprove, config, 'approve', ...args), audit: (...args) => runVerb(t, registerAudit, config, 'audit', ...args) }
}
const wait = (store: Store, instance: string, key: string, address = '10.0.2.15') => store.approvals.wait({ instance, key: key.repeat(64), address, name: 'db-1' }, new Date())

t.test('approve lists who waits, and lets one in by the beginning of its id', async (t) => {
  const { store, approve } = await host(t)
  t.match(await approve(), { exitCode: 0, stdout: 'Nobody waits for approval.\n' })
  wait(store, ONE, 'a')
  t.match((await approve()).stdout, new RegExp(`INSTANCE +NAME +ADDRESS +KEY +SINCE\n${ONE} +db-1 +10.0.2.15 +aaaaaaaa +`))
  t.match(await approve('11111111'), { exitCode: 0, stdout: `instance ${ONE} at 10.0.2.15 may enrol; it asks again by itself\n` })
  t.ok(store.approvals.approved(ONE, 'a'.repeat(64), new Date()))
  t.notOk(store.approvals.approved(ONE, 'b'.repeat(64), new Date()))
  t.same(store.approvals.waiting(), [])
})

t.test('two guests that claim to be one instance are told apart, never guessed', async (t) => {
  const { store, approve } = await host(t)
  wait(store, ONE, 'a')
  wait(store, ONE, 'b', '10.0.2.66')
  const { exitCode, told } = await approve(ONE)
  t.equal(exitCode, 2)
  t.match(told, `2 guests claim to be instance ${ONE}; ask Nova for its address.`)
  t.match(told, `trovestrap approve ${ONE} --key bbbbbbbb      from 10.0.2.66`)
  t.match(await approve(ONE, '--key', 'aaaaaaaa'), { exitCode: 0 })
  t.notOk(store.approvals.approved(ONE, 'b'.repeat(64), new Date()))
})

t.test('a beginning that fits two instances, or nobody, approves nobody', async (t) => {
  const { store, approve } = await host(t)
  wait(store, ONE, 'a')
  wait(store, TWO, 'b')
  t.match(await approve('1111'), { exitCode: 2, told: /1111 fits 2 instances/ })
  t.match(await approve('2222'), { exitCode: 1, told: /nobody who waits for approval has that id; an approval ahead wants the whole id/ })
  t.equal(store.approvals.waiting().length, 2)
})

t.test('an instance that has not asked yet is approved ahead, by its whole id', async (t) => {
  const { store, approve } = await host(t)
  t.match(await approve(ONE), { exitCode: 0, stdout: `the first guest that asks as instance ${ONE} within an hour may enrol\n` })
  t.ok(store.approvals.approved(ONE, 'c'.repeat(64), new Date()))
})

t.test('an instance that is enrolled needs no approval, and is told so', async (t) => {
  const { store, approve } = await host(t)
  store.instances.enrol({ instance: ONE, admitted: 'a test', key: 'a'.repeat(64), expires: new Date(Date.now() + 1e6), address: '10.0.2.15' }, new Date())
  t.match(await approve(ONE), { exitCode: 1, told: `instance ${ONE} is enrolled already.\n  trovestrap forget ${ONE}      lets a rebuilt one enrol with another key` })
  t.notOk(store.approvals.approved(ONE, 'a'.repeat(64), new Date()))
})

t.test('--open and --close, with a limit', async (t) => {
  const { store, approve } = await host(t)
  t.match(await approve('--open', '2h'), { exitCode: 0, stdout: /^every guest with a valid token may enrol until / })
  t.ok(store.approvals.openUntil(new Date()))
  t.match(await approve('--close'), { exitCode: 0 })
  t.equal(store.approvals.openUntil(new Date()), undefined)
  t.match(await approve('--open', '30d'), { exitCode: 2, told: /7d at most/ })
  t.match(await approve(ONE, '--open', '1h'), { exitCode: 2, told: /expected one of INSTANCE, --open and --close/ })
})

t.test('audit shows who did what, and --json is one object a line', async (t) => {
  const { store, approve, audit } = await host(t)
  await approve('--open', '1h')
  store.audit.add({ at: new Date().toISOString(), outcome: 'refused', event: 'enrol', by: 'somebody', address: '10.0.2.15', instance: ONE, detail: 'TOKEN_REFUSED', count: 7 })
  const { stdout } = await audit()
  t.match(stdout, /granted +token create +init +- +- +token [a-z0-9]{6} until/)
  t.match(stdout, / granted +open enrolment +\S+ on this host /)
  t.match(stdout, new RegExp(`refused +enrol +somebody +${ONE} +10.0.2.15 +TOKEN_REFUSED \\(7 times\\)`))
  const rows = (await audit('--json', '--instance', ONE)).stdout.trim().split('\n').map((line) => JSON.parse(line))
  t.match(rows, [{ outcome: 'refused', count: 7 }])
  t.match((await audit('--after', String(rows[0].row))).stdout, 'Nothing was granted or refused yet.')
})
