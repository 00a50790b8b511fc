import t, { type Test } from 'tap'
import { Secret } from '../../contract/secret.ts'
import { MEMORY, recall, remember } from '../../guest-bootstrap/memory.ts'
import { enrol } from '../../guest-bootstrap/stages/enrol.ts'
import type { HttpRequest } from '../../guest-bootstrap/system.ts'
import { INSTANCE, machine, TOKEN, type Machine } from './machine.ts'

const GRANTED = { instance: INSTANCE, expires: '2030-01-01T00:00:00.000Z', signing_keys: [{ id: 'k', spki: 'cA==' }] }
const NOW = Date.parse('2029-12-01T00:00:00Z')

interface Answered {
  readonly status: number
  readonly json: unknown
  readonly headers?: Record<string, string>
}

function guest(t: Test, answers: Answered[]): { it: Machine; asked: HttpRequest[] } {
  const asked: HttpRequest[] = []
  const it = machine(t, {
    changed: {
      async http(request) {
        asked.push(request)
        const { status, json, headers = {} } = answers.shift() ?? { status: 500, json: {} }
        const body = async function* () {
          yield Buffer.from(JSON.stringify(json))
        }
        return { status, headers, body: body() }
      },
    },
  })
  it.clock.now = NOW
  it.put('/proc/sys/kernel/hostname', 'db-1\n')
  remember(it.system.files, MEMORY.identity, { instance: INSTANCE, urls: ['https://h:1'], source: '' })
  remember(it.system.files, MEMORY.host, { url: 'https://h:1', uptime: 0 })
  return { it, asked }
}

t.test('the secret is made and kept before the host is asked, and only its digest is sent', async (t) => {
  const { it, asked } = guest(t, [{ status: 503, json: {} }, { status: 200, json: GRANTED }])
  await t.rejects(enrol.run(it.system), { code: 'HOST_FAILED' })
  const kept = recall(it.system.files, MEMORY.enrolment)
  t.equal(it.system.files.stat(MEMORY.enrolment.path)?.mode, 0o600)
  t.equal(kept?.granted, undefined)
  t.equal(await enrol.run(it.system), 'credential until 2030-01-01T00:00:00Z')
  t.equal(recall(it.system.files, MEMORY.enrolment)?.secret, kept?.secret, 'the answer may have been lost: the same question is asked again')
  for (const request of asked) {
    t.same(request.json, { instance: INSTANCE, key: new Secret(kept!.secret).sha256(), hostname: 'db-1' })
    t.equal(request.bearer?.reveal(), TOKEN)
  }
})

t.test('a credential that comes while the clock is ten years off is not kept: its renewal would be put off until it is long refused', async (t) => {
  const { it } = guest(t, [1, 2].map(() => ({ status: 200, json: GRANTED, headers: { date: new Date(NOW).toUTCString() } })))
  it.clock.now = NOW + 10 * 365 * 86_400_000
  await t.rejects(enrol.run(it.system), { code: 'CLOCK_OFF' })
  t.equal(recall(it.system.files, MEMORY.enrolment)?.granted, undefined)
  t.equal(recall(it.system.files, MEMORY.host), undefined, 'the network stage looks at the clock again')
  it.clock.now = NOW
  remember(it.system.files, MEMORY.host, { url: 'https://h:1', uptime: 0 })
  t.equal(await enrol.run(it.system), 'credential until 2030-01-01T00:00:00Z')
})

t.test('a valid credential is used without asking, until less than half of its life is left', async (t) => {
  const { it } = guest(t, [{ status: 200, json: GRANTED }])
  t.equal(await enrol.done(it.system), false)
  await enrol.run(it.system)
  t.equal(await enrol.done(it.system), true)
  it.clock.now = Date.parse('2029-12-15T00:00:00Z')
  t.equal(await enrol.done(it.system), true)
  it.clock.now = Date.parse('2029-12-20T00:00:00Z')
  t.equal(await enrol.done(it.system), false)
})

t.test('it renews itself with its own credential and falls back to the token when that is refused', async (t) => {
  const { it, asked } = guest(t, [{ status: 200, json: GRANTED }, { status: 401, json: { code: 'CREDENTIAL_REFUSED', message: 'no' } }, { status: 200, json: GRANTED }])
  await enrol.run(it.system)
  const { secret } = recall(it.system.files, MEMORY.enrolment)!
  await t.rejects(enrol.run(it.system), { code: 'CREDENTIAL_REFUSED' })
  await enrol.run(it.system)
  t.same(asked.map(({ bearer }) => bearer?.reveal()), [TOKEN, `${INSTANCE}.${secret}`, TOKEN])
})

t.test("another instance's enrolment, in a cloned disk, is not gone on with", async (t) => {
  const { it } = guest(t, [{ status: 200, json: GRANTED }])
  remember(it.system.files, MEMORY.enrolment, { instance: INSTANCE.replace('5', '6'), secret: 'x', granted: { ...GRANTED, at: NOW } })
  t.equal(await enrol.done(it.system), false)
  await enrol.run(it.system)
  t.not(recall(it.system.files, MEMORY.enrolment)?.secret, 'x')
})

t.test('a host that asks to wait has not refused the credential: the same is renewed later', async (t) => {
  const later = { status: 503, json: { code: 'ATTESTATION_UNDECIDED', message: 'Keystone is away' }, headers: { 'retry-after': '15' } }
  const { it, asked } = guest(t, [{ status: 200, json: GRANTED }, later, { status: 429, json: {} }, { status: 200, json: GRANTED }])
  await enrol.run(it.system)
  const own = `${INSTANCE}.${recall(it.system.files, MEMORY.enrolment)!.secret}`
  await t.rejects(enrol.run(it.system), { code: 'ATTESTATION_UNDECIDED', wait: 15 })
  await t.rejects(enrol.run(it.system), { code: 'HOST_FAILED', wait: undefined })
  await enrol.run(it.system)
  t.same(asked.map(({ bearer }) => bearer?.reveal()), [TOKEN, own, own, own])
})

t.test('a guest that waits for its operator asks each 15 s', async (t) => {
  t.equal(enrol.pace?.operator, 15)
})

const refusals: { title: string; answer: Answered; code: string; message?: RegExp; wait?: number }[] = [
  { title: 'an instance that nobody has approved', answer: { status: 403, json: { code: 'APPROVAL_PENDING', message: 'on the host: trovestrap approve x' } }, code: 'APPROVAL_PENDING', message: /an operator has to let this instance in: on the host: trovestrap approve x/ },
  { title: 'an instance that OpenStack does not know', answer: { status: 403, json: { code: 'ATTESTATION_REFUSED', message: 'Trove knows no such instance' } }, code: 'ATTESTATION_REFUSED', message: /Trove knows no such instance/ },
  { title: 'an OpenStack that is away', answer: { status: 503, json: { code: 'ATTESTATION_UNDECIDED', message: 'Keystone is away' }, headers: { 'retry-after': '15' } }, code: 'ATTESTATION_UNDECIDED', message: /Keystone is away/, wait: 15 },
  { title: 'too many attempts', answer: { status: 429, json: { code: 'TOO_MANY_ATTEMPTS', message: 'ask again in 40 s' }, headers: { 'retry-after': '40' } }, code: 'TOO_MANY_ATTEMPTS', wait: 40 },
  { title: 'a host that fails without a word', answer: { status: 503, json: {}, headers: { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' } }, code: 'HOST_FAILED', message: /status 503/ },
  { title: 'a wrong or expired token', answer: { status: 401, json: { code: 'TOKEN_REFUSED', message: 'expected a valid bootstrap token' } }, code: 'TOKEN_REFUSED', message: /expected a valid bootstrap token; make a new token/ },
  { title: 'an instance that was revoked', answer: { status: 401, json: { code: 'CREDENTIAL_REFUSED', message: 'instance was revoked' } }, code: 'CREDENTIAL_REFUSED', message: /revoked/ },
  { title: 'an instance that is enrolled with another key', answer: { status: 409, json: { code: 'INSTANCE_TAKEN', message: 'trovestrap forget x' } }, code: 'INSTANCE_TAKEN', message: /trovestrap forget/ },
  { title: 'an answer for somebody else', answer: { status: 200, json: { ...GRANTED, instance: 'x' } }, code: 'HOST_ANSWER_INVALID' },
  { title: 'an answer of another form', answer: { status: 200, json: {} }, code: 'HOST_ANSWER_INVALID' },
  { title: 'a status of another server', answer: { status: 404, json: {} }, code: 'HOST_ANSWER_INVALID' },
]
for (const { title, answer, code, message, wait } of refusals) {
  t.test(`${title}: ${code}, and no token in it`, async (t) => {
    const { it } = guest(t, [answer, answer])
    await t.rejects(enrol.run(it.system), { code, wait, ...(message ? { message } : {}) })
    await enrol.run(it.system).catch((error: Error) => t.notMatch(JSON.stringify([error, error.message]), TOKEN.split('.')[1]!))
    t.equal(await enrol.done(it.system), false)
  })
}
