import t from 'tap'
import { ROUTES } from '../../../contract/routes.ts'
import { Secret } from '../../../contract/secret.ts'
import type { Attests } from '../../../host-server/admission/admission.ts'
import { credentialOf, hostOf, ONE, OPERATOR, SECRETS, TWO, type Host } from '../host-of.ts'

const keyOf = (instance: string) => new Secret(SECRETS[instance]!).sha256()
const IMAGE = '55555555-5555-4555-8555-555555555555'

async function enrol(host: Host, instance = ONE, key = keyOf(instance), token = host.token): Promise<[number, string, string]> {
  const answer = await host.ask('POST', ROUTES.enrol, token, { payload: { instance, key, hostname: 'db-1' } })
  const { code = '', message = '' } = answer.json() as { code?: string; message?: string }
  return [answer.statusCode, code, message]
}
const audited = ({ store }: Host) => store.audit.list({ last: 100 }).map(({ outcome, event, by, instance, detail, count }) => [outcome, event, by, instance, detail, count])
const later = (host: Host, seconds: number) => (host.clock.now = new Date(host.clock.now.getTime() + seconds * 1000))
const attestor = (answers: Record<string, Awaited<ReturnType<Attests['attest']>>>, asked: object[] = []): Attests => ({
  async attest(claim) {
    asked.push(claim)
    return answers[claim.instance] ?? { verdict: 'refused', why: 'Trove knows no such instance' }
  },
})

t.test('where nobody attests, a token alone lets nobody in: the guest waits, the operator sees it and approves it', async (t) => {
  const host = await hostOf(t, { open: false })
  t.same(await enrol(host), [403, 'APPROVAL_PENDING', `on the host: trovestrap approve ${ONE}`])
  const { waiting, instances } = (await host.ask('GET', ROUTES.instances, `operator.${OPERATOR}`)).json()
  t.match(waiting, [{ instance: ONE, key: keyOf(ONE), name: 'db-1', address: '127.0.0.1' }])
  t.same(instances, [])
  host.store.approvals.approve(ONE, keyOf(ONE), 3600, host.clock.now)
  t.equal((await enrol(host))[0], 200)
  t.same(host.store.approvals.waiting(), [])
  t.match(audited(host).slice(-2), [
    ['granted', 'approve', 'host-server', ONE],
    ['granted', 'enrol', /^token [a-z0-9]{6}$/, ONE, /^until .*; approved by the operator$/],
  ])
})

t.test('an approval is for the key that waited, for one instance, and for an hour', async (t) => {
  const host = await hostOf(t, { open: false })
  await enrol(host)
  host.store.approvals.approve(ONE, keyOf(ONE), 3600, host.clock.now)
  t.equal((await enrol(host, ONE, 'e'.repeat(64)))[1], 'APPROVAL_PENDING', 'another guest that claims to be it')
  t.equal((await enrol(host, TWO))[1], 'APPROVAL_PENDING')
  later(host, 3601)
  t.equal((await enrol(host, ONE, keyOf(ONE), host.store.tokens.create({ lifetime: 60 }, host.clock.now).token.reveal()))[1], 'APPROVAL_PENDING')
})

t.test('an approval ahead lets in who asks first', async (t) => {
  const host = await hostOf(t, { open: false })
  host.store.approvals.approve(ONE, undefined, 3600, host.clock.now)
  t.equal((await enrol(host))[0], 200)
  t.equal((await enrol(host, ONE, 'e'.repeat(64)))[1], 'INSTANCE_TAKEN')
  host.store.instances.forget(ONE, host.clock.now)
  t.equal((await enrol(host))[1], 'APPROVAL_PENDING', 'it is used up')
})

t.test('an open window lets every valid token in, until it ends', async (t) => {
  const host = await hostOf(t, { open: false })
  host.store.approvals.open(60, host.clock.now)
  t.equal((await enrol(host))[0], 200)
  t.equal((await enrol(host, TWO, keyOf(TWO), `${host.token.slice(0, 7)}${'x'.repeat(16)}`))[1], 'TOKEN_REFUSED')
  later(host, 61)
  t.equal((await enrol(host, TWO))[1], 'APPROVAL_PENDING')
  host.store.approvals.open(60, host.clock.now)
  host.store.approvals.open(0, host.clock.now)
  t.equal((await enrol(host, TWO))[1], 'APPROVAL_PENDING')
})

t.test('whoever is enrolled renews without being admitted again', async (t) => {
  const host = await hostOf(t, { open: false })
  host.enrol(ONE)
  t.equal((await enrol(host, ONE, keyOf(ONE), credentialOf(ONE)))[0], 200)
  t.equal((await enrol(host))[0], 200, 'the same key with the token, too: the answer may have been lost')
})

t.test('OpenStack decides where it is asked; a window does not, an approval of that one instance does', async (t) => {
  const asked: object[] = []
  const host = await hostOf(t, { attestor: attestor({ [ONE]: { verdict: 'attested', server: 's-1' } }, asked) })
  t.equal((await enrol(host))[0], 200)
  t.match(audited(host).at(-1), ['granted', 'enrol', /token/, ONE, /attested by OpenStack, server s-1/])
  t.same(await enrol(host, TWO), [403, 'ATTESTATION_REFUSED', 'Trove knows no such instance'])
  t.same(asked, [{ instance: ONE, address: '127.0.0.1' }, { instance: TWO, address: '127.0.0.1' }])
  host.store.approvals.approve(TWO, keyOf(TWO), 3600, host.clock.now)
  t.equal((await enrol(host, TWO))[0], 200)
})

t.test('an OpenStack that cannot be asked lets nobody in, and says when to ask again', async (t) => {
  const host = await hostOf(t, { attestor: attestor({ [ONE]: { verdict: 'undecided', why: 'Keystone does not answer' } }) })
  const answer = await host.ask('POST', ROUTES.enrol, host.token, { payload: { instance: ONE, key: keyOf(ONE) } })
  t.same([answer.statusCode, answer.json(), answer.headers['retry-after']], [503, { code: 'ATTESTATION_UNDECIDED', message: 'Keystone does not answer' }, '15'])
  t.same(host.store.instances.list(), [])
})

t.test('a token that is bound to an image is no good in a window, where nobody attests the image', async (t) => {
  const host = await hostOf(t)
  const bound = host.store.tokens.create({ lifetime: 60, image: IMAGE }, host.clock.now)
  t.equal((await enrol(host, ONE, keyOf(ONE), bound.token.reveal()))[1], 'APPROVAL_PENDING')
  t.ok(host.store.tokens.bind(bound.id, undefined, host.clock.now))
  t.equal((await enrol(host, ONE, keyOf(ONE), bound.token.reveal()))[0], 200)
})

t.test('which image the token is for goes to whoever attests', async (t) => {
  const asked: object[] = []
  const host = await hostOf(t, { attestor: attestor({}, asked) })
  const { token } = host.store.tokens.create({ lifetime: 60, image: IMAGE }, host.clock.now)
  await enrol(host, ONE, keyOf(ONE), token.reveal())
  t.same(asked, [{ instance: ONE, address: '127.0.0.1', image: IMAGE }])
})

t.test('wrong credentials are limited by address; who is right behind the same address is served on', async (t) => {
  const host = await hostOf(t)
  host.enrol(ONE)
  const wrong = `${TWO}.${'x'.repeat(43)}`
  const statuses = []
  for (let i = 0; i < 30; i++) statuses.push((await host.ask('GET', ROUTES.manifest, wrong)).statusCode)
  t.same(statuses, [...Array(20).fill(401), ...Array(10).fill(429)])
  const limited = await host.ask('GET', ROUTES.manifest, wrong)
  t.equal(limited.json().code, 'TOO_MANY_ATTEMPTS')
  t.ok(Number(limited.headers['retry-after']) >= 1)
  t.equal((await host.ask('GET', ROUTES.manifest, credentialOf(ONE))).statusCode, 200)
  t.equal((await enrol(host, TWO))[0], 200, 'nor does it keep a new guest out')
  const elsewhere = await host.app.inject({ url: ROUTES.manifest, remoteAddress: '10.0.2.99' })
  t.equal(elsewhere.statusCode, 401)
  later(host, 60)
  t.equal((await host.ask('GET', ROUTES.manifest, wrong)).statusCode, 401, 'time makes it good')
})

t.test('every grant and every refusal is in the audit log, repeats as a number', async (t) => {
  const host = await hostOf(t)
  const from = host.store.audit.list({ last: 1 })[0]!.row
  await enrol(host)
  await host.ask('GET', `/v1/config/${ONE}`, credentialOf(ONE))
  for (let i = 0; i < 5; i++) await host.ask('GET', `/v1/config/${TWO}`, credentialOf(ONE))
  await host.ask('GET', ROUTES.instances, 'operator.wrong')
  await host.ask('GET', '/v1/nothing')
  await enrol(host, ONE, 'e'.repeat(64))
  host.store.tokens.revoke(host.token.slice(0, 6), host.clock.now)
  host.store.instances.revoke(ONE, host.clock.now, 'it is gone')
  await host.app.close()
  t.match(
    host.store.audit.list({ last: 100, after: from }).map(({ outcome, event, instance, detail, count }) => [outcome, event, instance, detail, count]),
    [
      ['granted', 'enrol', ONE, /^until/, 1],
      ['granted', 'config', ONE, undefined, 1],
      ['refused', 'GET /v1/config/:instance', ONE, 'NOT_YOURS', 1],
      ['refused', 'GET /v1/instances', undefined, 'CREDENTIAL_REFUSED', 1],
      ['refused', 'unknown', undefined, 'CREDENTIAL_REFUSED', 1],
      ['refused', 'enrol', ONE, 'INSTANCE_TAKEN', 1],
      ['granted', 'token revoke', undefined, /^token/, 1],
      ['granted', 'revoke', ONE, 'it is gone', 1],
      ['refused', 'GET /v1/config/:instance', ONE, 'NOT_YOURS', 4],
    ],
  )
})
