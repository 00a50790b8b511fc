import t from 'tap'
import { address, ROUTES } from '../../../contract/routes.ts'
import { halfSent } from '../half-sent.ts'
import { credentialOf, hostOf, ONE, OPERATOR, REVISION, TWO } from '../host-of.ts'
import { reportOf } from '../store/report-of.ts'

const config = address(ROUTES.config, ONE)
const reports = address(ROUTES.reports, ONE)

t.test('config comes as text that no cache keeps, and is not sent twice', async (t) => {
  const host = await hostOf(t)
  host.enrol(ONE)
  const first = await host.ask('GET', config, credentialOf(ONE))
  t.equal(first.body, '[DEFAULT]\ntransport_url = rabbit://u:p@10.0.2.2/\n')
  t.match(first.headers, { etag: '"config-1"', 'cache-control': 'no-store', 'content-type': 'text/plain; charset=utf-8' })
  const again = await host.ask('GET', config, credentialOf(ONE), { headers: { 'if-none-match': '"config-1"' } })
  t.same([again.statusCode, again.body], [304, ''])
})

t.test('one report or a list of them is kept, a repeat is harmless, and the operator sees it', async (t) => {
  const host = await hostOf(t)
  host.enrol(ONE)
  const send = async (payload: object) => (await host.ask('POST', reports, credentialOf(ONE), { payload })).statusCode
  t.equal(await send(reportOf(1)), 204)
  const failed = reportOf(2, { state: 'failed', next: 5, fault: { code: 'HOST_SILENT', message: 'no answer', details: { host: '10.0.2.2', port: 15555 } } })
  t.equal(await send([reportOf(1), failed]), 204)
  t.equal(await send([reportOf(1), failed]), 204)
  const received = host.clock.now.toISOString()
  const view = {
    instance: ONE,
    enrolled: received,
    credential_expires: new Date(host.clock.now.getTime() + 3_600_000).toISOString(),
    last_seen: received,
    address: '127.0.0.1',
    latest: failed,
    since: received,
    served_revision: REVISION,
  }
  t.same((await host.ask('GET', ROUTES.instances, `operator.${OPERATOR}`)).json(), { instances: [view], waiting: [], open_until: new Date(host.clock.now.getTime() + 86_400_000).toISOString(), refused: [] })
  t.same((await host.ask('GET', address(ROUTES.instance, ONE), `operator.${OPERATOR}`)).json(), {
    ...view,
    reports: [
      { received, report: reportOf(1) },
      { received, report: failed },
    ],
  })
  t.equal((await host.ask('GET', address(ROUTES.instance, 'nobody'), `operator.${OPERATOR}`)).statusCode, 404)
})

t.test('any request of an instance counts as being heard', async (t) => {
  const host = await hostOf(t)
  host.enrol(ONE)
  host.clock.now = new Date(host.clock.now.getTime() + 5000)
  await host.ask('GET', ROUTES.manifest, credentialOf(ONE))
  t.match((await host.ask('GET', ROUTES.instances, `operator.${OPERATOR}`)).json(), {
    instances: [{ last_seen: host.clock.now.toISOString(), address: '127.0.0.1' }],
  })
})

t.test('the operator sees what an instance was given last, of each kind', async (t) => {
  const host = await hostOf(t)
  host.enrol(ONE)
  const first = host.clock.now.toISOString()
  await host.ask('GET', ROUTES.manifest, credentialOf(ONE))
  await host.ask('GET', ROUTES.simple, credentialOf(ONE))
  host.clock.now = new Date(host.clock.now.getTime() + 5000)
  const then = host.clock.now.toISOString()
  await host.ask('GET', ROUTES.manifest, credentialOf(ONE), { headers: { 'if-none-match': '"manifest-1"' } })
  await host.ask('GET', address(ROUTES.content, 'f'.repeat(64)), credentialOf(ONE))
  await host.ask('GET', config, credentialOf(TWO))
  await host.ask('GET', ROUTES.instances, `operator.${OPERATOR}`)
  t.same((await host.ask('GET', address(ROUTES.instance, ONE), `operator.${OPERATOR}`)).json().served, [
    { what: 'manifest', at: then, status: 304 },
    { what: 'wheels', at: first, status: 200 },
    { what: 'content', at: then, status: 404 },
  ])
})

t.test('what is no report, or too much of it, is refused whole', async (t) => {
  const host = await hostOf(t)
  host.enrol(ONE)
  const send = async (payload: object) => {
    const { statusCode, body } = await host.ask('POST', reports, credentialOf(ONE), { payload })
    return [statusCode, (JSON.parse(body) as { message: string }).message]
  }
  t.match(await send([reportOf(1), { ...reportOf(2), stage: 'dance' }]), [400, /^body\/1\/stage must /])
  t.match(await send({ ...reportOf(1), seq: 0 }), [400, /^body\/seq must be >= 1/])
  t.match(await send({ ...reportOf(1), seq: 1e308 }), [400, /^body\/seq must be <= /])
  const odd = { code: 'X_Y', message: 'x', details: { '\u001b[2J': {} } }
  t.match(await send({ ...reportOf(1), state: 'failed', fault: odd }), [400, /^body\/fault\/details must not have additional properties$/])
  t.match(await send([]), [400, /^body must/])
  t.match(await send([{ ...reportOf(1), note: 'x'.repeat(1024 * 1024) }]), [413, /^the body is larger/])
  t.same(host.store.reports.list(ONE), [])
})

t.test('a report whose body comes slowly counts as what its sender is when it is there', async (t) => {
  const host = await hostOf(t)
  host.enrol(ONE)
  const report = await halfSent(t, host, reports, credentialOf(ONE), [reportOf(1)])
  host.store.instances.revoke(ONE, host.clock.now)
  t.equal((await report.finish()).status, 401)
  t.same(host.store.reports.list(ONE), [])
})

t.test('a body of very many parts is refused before it is parsed, and one of many without a look at each', async (t) => {
  const host = await hostOf(t)
  host.enrol(ONE)
  const send = (count: number) => host.ask('POST', reports, credentialOf(ONE), { payload: Array(count).fill({}) })
  const tooMany = await send(60_000)
  t.match([tooMany.statusCode, tooMany.json()], [413, { code: 'TOO_LARGE', message: 'body: expected at most 100000 parts' }])
  const many = await send(40_000)
  t.match([many.statusCode, many.json()], [400, { code: 'BAD_REQUEST', message: 'body is not valid, and has more than 10000 parts: it is not said which' }])
  t.match((await send(40)).json(), { message: /^body\/0 / })
})
