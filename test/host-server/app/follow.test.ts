import t from 'tap'
import { address, FOLLOW_HEADER, ROUTES } from '../../../contract/routes.ts'
import { waitOf } from '../../../host-server/follow/followers.ts'
import { credentialOf, hostOf, ONE, OPERATOR, TWO, type Host } from '../host-of.ts'

const operator = `operator.${OPERATOR}`
const ETAG = '"manifest-1"'
const ask = (host: Host, instance = ONE, etag = ETAG, wait = 30) =>
  host.ask('GET', ROUTES.manifest, credentialOf(instance), { headers: { 'if-none-match': etag, prefer: `wait=${wait}` } })
const tell = (host: Host, route: string, instance = ONE) => host.ask('POST', address(route, instance), operator)
const changed = (host: Host, etag: string) => host.offers.replace({ ...host.offers.now, manifest: { ...host.offers.now.manifest, etag, body: `{"etag":${JSON.stringify(etag)}}` } })

/** Resolves when the guest's question is open. */
async function open(host: Host, instance = ONE): Promise<void> {
  const follows = async () => (await host.ask('GET', address(ROUTES.instance, instance), operator)).json().follows === true
  while (!(await follows())) await new Promise((resolve) => setImmediate(resolve))
}

t.test('a guest that has what is served waits, and is given the next manifest when there is one', async (t) => {
  const host = await hostOf(t)
  host.enrol(ONE)
  const waiting = ask(host)
  await open(host)
  changed(host, '"manifest-2"')
  const answer = await waiting
  t.same([answer.statusCode, answer.headers['etag'], answer.headers[FOLLOW_HEADER], answer.body], [200, '"manifest-2"', 'yes', '{"etag":"\\"manifest-2\\""}'])
  t.notOk((await host.ask('GET', address(ROUTES.instance, ONE), operator)).json().follows)
})

t.test('one that has an older one is answered at once, and so is one that does not want to wait', async (t) => {
  const host = await hostOf(t)
  host.enrol(ONE)
  t.equal((await ask(host, ONE, '"manifest-0"')).statusCode, 200)
  t.equal((await ask(host, ONE, ETAG, 0)).statusCode, 304)
})

t.test('a wait ends with 304 when its time is over, and when host-server ends', async (t) => {
  const host = await hostOf(t)
  host.enrol(ONE)
  // A server has its sockets; nothing else keeps this process alive while it waits.
  const alive = setInterval(() => {}, 1000)
  t.teardown(() => clearInterval(alive))
  t.equal((await ask(host, ONE, ETAG, 1)).statusCode, 304)
  const waiting = ask(host)
  await open(host)
  const closing = host.app.close()
  t.equal((await waiting).statusCode, 304)
  await closing
})

t.test('a held guest is not told of a change until it is released', async (t) => {
  const host = await hostOf(t)
  for (const instance of [ONE, TWO]) host.enrol(instance)
  t.equal((await tell(host, ROUTES.hold)).statusCode, 204)
  const [held, other] = [ask(host), ask(host, TWO)]
  await Promise.all([open(host), open(host, TWO)])
  changed(host, '"manifest-2"')
  t.equal((await other).statusCode, 200)
  t.equal((await ask(host, ONE, ETAG, 0)).statusCode, 304, 'nor when it only asks')
  t.match((await host.ask('GET', address(ROUTES.instance, ONE), operator)).json(), { held: host.clock.now.toISOString(), follows: true })
  t.match(await tell(host, ROUTES.refresh), { statusCode: 409 })
  t.equal((await tell(host, ROUTES.release)).statusCode, 204)
  t.same([(await held).statusCode, (await held).headers['etag']], [200, '"manifest-2"'])
  t.equal((await ask(host, ONE, '"manifest-2"', 0)).statusCode, 304)
})

t.test('who is revoked while it waits is not told of the next manifest', async (t) => {
  const host = await hostOf(t)
  host.enrol(ONE)
  const waiting = ask(host)
  await open(host)
  host.store.instances.revoke(ONE, host.clock.now)
  changed(host, '"manifest-2"')
  const answer = await waiting
  t.same([answer.statusCode, answer.json().code], [401, 'CREDENTIAL_REFUSED'])
  t.notMatch(answer.body, 'manifest-2')
})

t.test('who held a guest stands in the audit log', async (t) => {
  const host = await hostOf(t)
  host.enrol(ONE)
  await tell(host, ROUTES.hold)
  await tell(host, ROUTES.release)
  t.match(host.store.audit.list({ last: 2 }), [{ event: 'hold', instance: ONE, detail: 'with the operator token' }, { event: 'release', detail: 'with the operator token' }])
})

t.test('a held guest that has nothing yet is served', async (t) => {
  const host = await hostOf(t)
  host.enrol(ONE)
  await tell(host, ROUTES.hold)
  t.equal((await host.ask('GET', ROUTES.manifest, credentialOf(ONE))).statusCode, 200)
})

t.test('refresh gives a guest the same manifest anew, once; who does not follow cannot be refreshed', async (t) => {
  const host = await hostOf(t)
  host.enrol(ONE)
  const not = await tell(host, ROUTES.refresh)
  t.match([not.statusCode, not.json()], [409, { code: 'NOT_FOLLOWING' }])
  const waiting = ask(host)
  await open(host)
  t.match((await tell(host, ROUTES.refresh)).json(), { refreshed: [ONE] })
  t.equal((await waiting).statusCode, 200)
  t.equal((await ask(host, ONE, ETAG, 0)).statusCode, 304)
  t.match((await tell(host, ROUTES.refresh, '33333333-3333-4333-8333-333333333333')).statusCode, 404)
})

t.test('refresh of all leaves the held ones alone', async (t) => {
  const host = await hostOf(t)
  for (const instance of [ONE, TWO]) host.enrol(instance)
  await tell(host, ROUTES.hold)
  const [, other] = [ask(host, ONE, ETAG, 2), ask(host, TWO)]
  await Promise.all([open(host), open(host, TWO)])
  t.match((await host.ask('POST', ROUTES.refreshAll, operator)).json(), { refreshed: [TWO] })
  t.equal((await other).statusCode, 200)
})

t.test('Prefer is read as RFC 7240 writes it', async (t) => {
  const cases: [string | undefined, number][] = [['wait=30', 30], ['respond-async, wait=10', 10], ['wait = "5"', 5], ['Wait=7; x', 7], ['await=9', 0], ['wait=-1', 0], ['wait=99999', 0], [undefined, 0]]
  for (const [header, seconds] of cases) t.equal(waitOf(header), seconds, header ?? 'none')
})
