import t from 'tap'
import { address, ROUTES } from '../../../contract/routes.ts'
import { credentialOf, hostOf, ONE, OPERATOR, SECRETS } from '../host-of.ts'

t.test('one line a request: method, route, status, time, instance, address', async (t) => {
  const host = await hostOf(t)
  host.enrol(ONE)
  await host.ask('GET', ROUTES.manifest, credentialOf(ONE))
  await host.ask('GET', '/elsewhere?secret=1')
  const lines = host.log().trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>)
  t.match(lines, [
    { level: 30, method: 'GET', route: '/v1/manifest', status: 200, ms: Number, instance: ONE, address: '127.0.0.1', msg: 'request' },
    { level: 30, method: 'GET', route: 'unknown', status: 404, address: '127.0.0.1' },
  ])
  t.equal(lines.length, 2)
})

t.test('no secret is in any log line at any level, wherever a client puts it', async (t) => {
  const host = await hostOf(t)
  host.enrol(ONE)
  const canary = 'canary-0123456789'
  const [, bootstrapSecret] = host.token.split('.')
  const headers = { 'content-type': 'application/json', 'x-canary': canary, cookie: canary, 'if-none-match': canary, range: canary }
  const credentials = [host.token, credentialOf(ONE), `operator.${OPERATOR}`, canary, `${ONE}.${canary.padEnd(43, 'x')}`]
  const bodies = [`{"instance": "${canary}"}`, canary, JSON.stringify({ instance: ONE, key: 'a'.repeat(64), hostname: canary, [canary]: canary }), canary.repeat(80_000)]
  for (const credential of credentials) {
    for (const url of [ROUTES.manifest, ROUTES.simple, `/v1/${canary}`, `/${canary}?token=${canary}`, address(ROUTES.content, canary), address(ROUTES.config, ONE), ROUTES.instances]) {
      await host.ask('GET', url, credential, { headers })
    }
    for (const payload of bodies) {
      for (const url of [ROUTES.enrol, address(ROUTES.reports, ONE)]) await host.ask('POST', url, credential, { headers, payload })
    }
  }
  const log = host.log()
  t.ok(log.split('\n').length > 50)
  const secrets = { canary, bootstrap: bootstrapSecret!, instance: SECRETS[ONE]!, operator: OPERATOR, password: 'rabbit://' }
  t.same(Object.entries(secrets).filter(([, secret]) => log.includes(secret)).map(([name]) => name), [])
  t.notMatch(log, /authorization/i)
})

t.test('what nobody foresaw is logged with its cause and told without', async (t) => {
  const host = await hostOf(t)
  host.enrol(ONE)
  host.store.reports.add = () => {
    throw new Error('the disk is on fire')
  }
  const { reportOf } = await import('../store/report-of.ts')
  const answer = await host.ask('POST', address(ROUTES.reports, ONE), credentialOf(ONE), { payload: reportOf(1) })
  t.same([answer.statusCode, answer.json()], [500, { code: 'HOST_FAILED', message: 'the host met an error; its log has more' }])
  t.match(host.log(), /the disk is on fire/)
})
