import t from 'tap'
import { ROUTES } from '../../../contract/routes.ts'
import { Secret } from '../../../contract/secret.ts'
import type { Attests } from '../../../host-server/admission/admission.ts'
import { halfSent } from '../half-sent.ts'
import { credentialOf, hostOf, ONE, OPERATOR, SECRETS, TWO, type Host } from '../host-of.ts'

const key = new Secret(SECRETS[ONE]!).sha256()
const enrol = (host: Host, credential: string | undefined, payload: object = { instance: ONE, key, hostname: 'db-1' }) =>
  host.ask('POST', ROUTES.enrol, credential, { payload })
const later = (host: Host, seconds: number) => (host.clock.now = new Date(host.clock.now.getTime() + seconds * 1000))

t.test('a bootstrap token enrols an instance, whose credential then opens', async (t) => {
  const host = await hostOf(t)
  const answer = await enrol(host, host.token)
  t.equal(answer.statusCode, 200)
  t.same(answer.json(), {
    instance: ONE,
    expires: new Date(host.clock.now.getTime() + 3_600_000).toISOString(),
    signing_keys: [{ id: 'k', spki: 'cA==' }],
  })
  t.equal((await host.ask('GET', ROUTES.manifest, credentialOf(ONE))).statusCode, 200)
})

t.test('the same question again gets the same answer, with a later end', async (t) => {
  const host = await hostOf(t)
  await enrol(host, host.token)
  later(host, 60)
  const again = await enrol(host, host.token)
  t.equal(again.statusCode, 200)
  t.equal(again.json().expires, new Date(host.clock.now.getTime() + 3_600_000).toISOString())
  t.match(host.store.tokens.list(), [{ uses: 1 }])
})

t.test("the instance's own credential renews while it is valid, for itself alone", async (t) => {
  const host = await hostOf(t)
  host.enrol(ONE)
  host.enrol(TWO)
  later(host, 1800)
  t.equal((await enrol(host, credentialOf(ONE))).json().expires, new Date(host.clock.now.getTime() + 3_600_000).toISOString())
  const other = await enrol(host, credentialOf(TWO))
  t.same([other.statusCode, other.json().code], [403, 'NOT_YOURS'])
  later(host, 3600)
  const late = await enrol(host, credentialOf(ONE))
  t.same([late.statusCode, late.json().code], [401, 'CREDENTIAL_REFUSED'])
})

t.test('an instance that is enrolled with another key is taken, until the operator forgets it', async (t) => {
  const host = await hostOf(t)
  host.enrol(ONE)
  const other = { instance: ONE, key: 'e'.repeat(64) }
  const taken = await enrol(host, host.token, other)
  t.same([taken.statusCode, taken.json()], [
    409,
    { code: 'INSTANCE_TAKEN', message: `instance ${ONE} is enrolled with another key; if it was rebuilt: trovestrap forget ${ONE}` },
  ])
  host.store.instances.forget(ONE, new Date())
  t.equal((await enrol(host, host.token, other)).statusCode, 200)
})

t.test('a token that is wrong, expired, revoked, used up or of another kind is refused, and the operator sees it', async (t) => {
  const host = await hostOf(t)
  const { now } = host.clock
  const expired = host.store.tokens.create({ lifetime: 1 }, new Date(now.getTime() - 5000)).token.reveal()
  const revoked = host.store.tokens.create({ lifetime: 60 }, now)
  host.store.tokens.revoke(revoked.id, now)
  const once = host.store.tokens.create({ lifetime: 60, maxUses: 1 }, now).token.reveal()
  await enrol(host, once, { instance: TWO, key })
  const wrong = `${host.token.slice(0, 7)}${'x'.repeat(16)}`
  for (const [what, token] of Object.entries({ wrong, expired, revoked: revoked.token.reveal(), once, operator: `operator.${OPERATOR}`, none: undefined })) {
    const { statusCode, body } = await enrol(host, token)
    t.same([statusCode, JSON.parse(body).code], [401, 'TOKEN_REFUSED'], what)
  }
  const { refused } = (await host.ask('GET', ROUTES.instances, `operator.${OPERATOR}`)).json()
  const shown = refused.map(({ code, instance }: Record<string, string>) => [code, instance])
  t.same(shown.sort((a: string[]) => (a[1] === undefined ? -1 : 1)), [
    ['TOKEN_REFUSED', undefined],
    ['TOKEN_REFUSED', ONE],
  ])
})

t.test('a body of another form is told its place and rule, and nothing of its content', async (t) => {
  const host = await hostOf(t)
  const canary = 'canary-in-a-body'
  const cases: [object | string, string][] = [
    [{ instance: canary, key }, 'body/instance must match'],
    [{ instance: ONE, key: canary }, 'body/key must match'],
    [{ instance: ONE, key, [canary]: 1 }, 'body must not have additional properties'],
    [{ instance: ONE }, 'body must have required properties key'],
    [[], 'body must be object'],
    [`{"instance": "${canary}`, 'expected JSON'],
    ['', 'expected JSON, got an empty body'],
  ]
  for (const [payload, message] of cases) {
    const answer = await host.ask('POST', ROUTES.enrol, host.token, {
      payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
      headers: { 'content-type': 'application/json' },
    })
    t.same([answer.statusCode, answer.json().code], [400, 'BAD_REQUEST'], message)
    t.ok(answer.json().message.startsWith(message), answer.json().message)
    t.notMatch(answer.body, canary)
    t.notMatch(answer.json().message, /\n/)
  }
  const form = await host.ask('POST', ROUTES.enrol, host.token, { payload: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } })
  t.same([form.statusCode, form.json()], [415, { code: 'BAD_REQUEST', message: 'expected Content-Type: application/json' }])
})

t.test('a body over 16 KiB is refused', async (t) => {
  const host = await hostOf(t)
  const answer = await enrol(host, host.token, { instance: ONE, key, hostname: 'x'.repeat(17_000) })
  t.same([answer.statusCode, answer.json()], [413, { code: 'TOO_LARGE', message: 'the body is larger than this address takes' }])
  t.same(host.store.instances.list(), [])
})

t.test('who is forgotten while it renews is not let in with another key, by its own credential or by a token', async (t) => {
  const other = 'f'.repeat(64)
  const host = await hostOf(t, { open: false })
  host.enrol(ONE)
  const renewal = await halfSent(t, host, ROUTES.enrol, credentialOf(ONE), { instance: ONE, key: other })
  host.store.instances.forget(ONE, host.clock.now)
  t.match(await renewal.finish(), { status: 401, body: { code: 'CREDENTIAL_REFUSED' } })
  t.equal(host.store.instances.get(ONE), undefined)
  t.equal(host.store.instances.enrol({ instance: ONE, key: other, expires: host.clock.now, address: '10.0.2.15' }, host.clock.now), 'not-admitted', 'nor where it happens between the door and the database')
})

t.test('a token that is revoked while a body comes, or while OpenStack is asked, enrols nobody', async (t) => {
  const host = await hostOf(t)
  const slow = await halfSent(t, host, ROUTES.enrol, host.token, { instance: ONE, key })
  host.store.tokens.revoke(host.token.slice(0, 6), host.clock.now)
  t.match(await slow.finish(), { status: 401, body: { code: 'TOKEN_REFUSED' } })

  const asked = Promise.withResolvers<void>()
  const answer = Promise.withResolvers<object>()
  const attestor = { attest: () => (asked.resolve(), answer.promise) } as unknown as Attests
  const attested = await hostOf(t, { open: false, attestor })
  const going = enrol(attested, attested.token)
  await asked.promise
  attested.store.tokens.revoke(attested.token.slice(0, 6), attested.clock.now)
  answer.resolve({ verdict: 'attested', server: 's' })
  t.match([(await going).statusCode, (await going).json()], [401, { code: 'TOKEN_REFUSED', message: /was revoked or has expired/ }])
  t.equal(attested.store.instances.get(ONE), undefined)
})
