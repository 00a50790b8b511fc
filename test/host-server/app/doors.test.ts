import t from 'tap'
import { address, ROUTES } from '../../../contract/routes.ts'
import { credentialOf, hostOf, ONE, OPERATOR, PACK_SHA256, TWO } from '../host-of.ts'

const KEY = 'f'.repeat(64)
const operator = `operator.${OPERATOR}`
const own = [address(ROUTES.config, ONE), address(ROUTES.reports, ONE)]
const handedOut = [ROUTES.manifest, address(ROUTES.content, PACK_SHA256), ROUTES.simple, address(ROUTES.simpleProject, 'tool'), address(ROUTES.wheel, 'tool-1.0.tar.gz')]
const operators = [ROUTES.instances, address(ROUTES.instance, ONE)]
const nothing = ['/v1', '/v1/', '/v1/nothing', '/v1/config', '/v1/instances/a/b']

const method = (url: string) => (url.startsWith('/v1/reports/') || url === ROUTES.enrol ? 'POST' : 'GET')

t.test('without a credential everything under /v1 is the same 401, whether it exists or not', async (t) => {
  const host = await hostOf(t)
  host.enrol(ONE)
  const answers = await Promise.all([...own, ...handedOut, ...operators, ...nothing].map((url) => host.ask(method(url), url)))
  for (const { statusCode, headers, body, raw } of answers) {
    t.same([statusCode, JSON.parse(body)], [401, { code: 'CREDENTIAL_REFUSED', message: 'expected a valid credential for this address' }], raw.req.url!)
    t.same(headers['www-authenticate'], ['Bearer realm="trovestrap"', 'Basic realm="trovestrap"'])
  }
  t.equal((await host.ask('POST', ROUTES.enrol)).statusCode, 401)
})

t.test('a method that a route does not have is a 401 too', async (t) => {
  const host = await hostOf(t)
  for (const verb of ['PUT', 'DELETE', 'PATCH', 'POST', 'OPTIONS'] as const) t.equal((await host.ask(verb, ROUTES.manifest)).statusCode, 401, verb)
})

t.test('config: no credential 401, a bootstrap token 401, an instance that is another 403, the operator 401, itself 200', async (t) => {
  const host = await hostOf(t)
  host.enrol(ONE)
  host.enrol(TWO)
  const url = address(ROUTES.config, ONE)
  const status = async (credential?: string) => (await host.ask('GET', url, credential)).statusCode
  t.same(
    await Promise.all([status(), status(host.token), status(credentialOf(TWO)), status(operator), status(credentialOf(ONE))]),
    [401, 401, 403, 401, 200],
  )
  const refused = await host.ask('GET', url, credentialOf(TWO))
  t.same(refused.json(), { code: 'NOT_YOURS', message: 'this credential is for another instance' })
  const unknown = await host.ask('GET', address(ROUTES.config, '33333333-3333-4333-8333-333333333333'), credentialOf(TWO))
  t.same([unknown.statusCode, unknown.body], [403, refused.body], 'whether another instance exists is not told')
})

t.test('what is handed out opens to any enrolled instance and to nobody else', async (t) => {
  const host = await hostOf(t)
  host.enrol(ONE)
  for (const url of handedOut) {
    const status = async (credential: string) => (await host.ask('GET', url, credential)).statusCode
    t.same([await status(host.token), await status(operator), await status(credentialOf(TWO)), await status(credentialOf(ONE))], [401, 401, 401, 200], url)
  }
})

t.test("the operator's view opens to the operator token alone", async (t) => {
  const host = await hostOf(t)
  host.enrol(ONE)
  for (const url of operators) {
    const status = async (credential: string) => (await host.ask('GET', url, credential)).statusCode
    t.same(
      [await status(host.token), await status(credentialOf(ONE)), await status(`operator.${'x'.repeat(43)}`), await status(operator)],
      [401, 401, 401, 200],
      url,
    )
  }
})

t.test('a wrong secret, an expired credential and a revoked instance are 401', async (t) => {
  const host = await hostOf(t)
  host.enrol(ONE)
  const status = async (credential = credentialOf(ONE)) => (await host.ask('GET', ROUTES.manifest, credential)).statusCode
  t.equal(await status(`${ONE}.${'x'.repeat(43)}`), 401)
  t.equal(await status(), 200)
  const { now } = host.clock
  host.clock.now = new Date(now.getTime() + 3_600_000)
  t.equal(await status(), 401)
  host.clock.now = now
  host.store.instances.revoke(ONE, now)
  t.equal(await status(), 401)
})

t.test('Basic with the instance id as user opens the same doors, so that an unchanged pip works', async (t) => {
  const host = await hostOf(t)
  host.enrol(ONE)
  const basic = (user: string, password: string) => ({ authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` })
  const [, secret] = credentialOf(ONE).split('.')
  const [id, rest] = host.token.split('.')
  const status = async (headers: Record<string, string>) => (await host.ask('GET', ROUTES.simple, undefined, { headers })).statusCode
  t.equal(await status(basic(ONE, secret!)), 200)
  t.equal(await status(basic(TWO, secret!)), 401)
  t.equal(await status(basic(ONE, `${secret}:`)), 401)
  t.equal(await status({ authorization: 'Basic !!!' }), 401)
  const enrolling = await host.ask('POST', ROUTES.enrol, undefined, { headers: basic(id!, rest!), payload: { instance: ONE, key: KEY } })
  t.equal(enrolling.statusCode, 401, 'a bootstrap token is no password')
})

t.test('somebody with a credential is told what does not exist', async (t) => {
  const host = await hostOf(t)
  host.enrol(ONE)
  for (const url of nothing) {
    const { statusCode, body } = await host.ask('GET', url, credentialOf(ONE))
    t.same([statusCode, JSON.parse(body)], [404, { code: 'NOT_FOUND', message: 'there is nothing at this address' }], url)
  }
})

t.test('path tricks lead nowhere', async (t) => {
  const host = await hostOf(t)
  host.enrol(ONE)
  host.enrol(TWO)
  const tricks = [
    '/v1/content/..%2f..%2fdb.sqlite',
    '/v1/content/%2e%2e%2fdb.sqlite',
    `/v1/content/${PACK_SHA256}%00`,
    '/v1/wheels/..%2fdb.sqlite',
    '/v1/wheels/%2e%2e%2f%2e%2e%2fetc%2fpasswd',
    `/v1/config/${TWO}%2f..%2f${ONE}`,
    `/v1/config/${TWO}/../${ONE}`,
    `//v1/config/${ONE}`,
    `/V1/config/${ONE}`,
    `/v1/config/${ONE}?instance=${TWO}&token=x`,
  ]
  const statuses = await Promise.all(tricks.map(async (url) => [url, (await host.ask('GET', url, credentialOf(TWO))).statusCode]))
  t.same(statuses.filter(([, status]) => ![400, 403, 404].includes(status as number)), [])
})

t.test('an address that cannot be decoded is refused without being repeated', async (t) => {
  const host = await hostOf(t)
  for (const url of ['/%', '/v1/content/%ff%', '/healthz%c0%']) {
    const { statusCode, body } = await host.ask('GET', url)
    t.same([statusCode, JSON.parse(body)], [400, { code: 'BAD_REQUEST', message: 'the request is malformed' }])
  }
})

t.test('outside /v1 there is health and the description of the interface, to anybody', async (t) => {
  const host = await hostOf(t)
  const health = await host.ask('GET', ROUTES.health)
  t.same(health.json(), { status: 'ok', time: host.clock.now.toISOString(), revision: 'a'.repeat(64), version: '1.2.3' })
  t.ok(Date.parse(String(health.headers['date'])), 'a guest compares its clock with the Date of any answer')
  t.match((await host.ask('GET', ROUTES.openapi)).json(), { openapi: /^3\./ })
  t.equal((await host.ask('GET', '/nothing')).statusCode, 404)
})
