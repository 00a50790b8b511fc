// A guest that is up, over the real host-server app and TLS. Both clocks are the test's, so that months pass in seconds.
import { createHash } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { GUEST } from '../../contract/paths.ts'
import type { Report } from '../../contract/report.ts'
import { Secret } from '../../contract/secret.ts'
import { closeConnections, realHttp } from '../../guest-bootstrap/machine/real-http.ts'
import { MEMORY, recall, remember } from '../../guest-bootstrap/memory.ts'
import { renewCredential } from '../../guest-bootstrap/renew-credential.ts'
import { enrol } from '../../guest-bootstrap/stages/enrol.ts'
import { buildApp } from '../../host-server/app.ts'
import type { Offer } from '../../host-server/offer/offer.ts'
import { makeCa, makeServerCertificate } from '../../host-server/pki/certificates.ts'
import { openStore } from '../../host-server/store/open-store.ts'
import type { Store } from '../../host-server/store/store.ts'
import { INSTANCE, machine, type Machine } from './machine.ts'

const DAY = 86_400
const BEGIN = Date.parse('2026-11-25T12:00:00Z')

interface World {
  readonly it: Machine
  readonly store: Store
  readonly url: string
  /** Requests to the host since the last look: `POST /v1/enrol`. */
  readonly asked: string[]
  readonly journal: string[]
  readonly console: string[]
  /** What the host has of this instance's reports. */
  readonly reported: () => string[]
  /** Days pass; then the timer runs the unit. @returns its exit status */
  after(days: number): Promise<number>
  readonly token: { revoke(): void; inject(): void }
}

const said = ({ stage, state, fault, note }: Report): string => `${stage} ${state} ${fault?.code ?? note}`

/** A guest that enrolled at BEGIN; credentials live 30 days, its token ten years unless said otherwise. */
async function world(t: Test, { tokenDays = 3650 } = {}): Promise<World> {
  const store = openStore(join(t.testdir(), 'db.sqlite'))
  const ca = await makeCa('test', new Date())
  const { key, certificate } = await makeServerCertificate(ca, ['127.0.0.1'], DAY, new Date())
  const clock = { now: BEGIN }
  const now = (): Date => new Date(clock.now)
  const makeToken = (days: number) => store.tokens.create({ lifetime: days * DAY }, now())
  const { id, token } = makeToken(tokenDays)
  store.approvals.open(7 * DAY, now())
  const app = await buildApp(
    {
      store,
      offer: () => ({ manifest: { revision: '0'.repeat(64) }, stale: [] }) as unknown as Offer,
      signingKeys: () => [{ id: 'k', spki: 'cA==' }],
      operator: () => new Secret('x').sha256(),
      credentialLifetime: () => 30 * DAY,
      clock: now,
      version: '1',
    },
    { https: { key, cert: certificate, minVersion: 'TLSv1.3' } },
  )
  await app.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(async () => {
    closeConnections()
    await app.close()
    store.close()
  })
  const url = `https://127.0.0.1:${(app.server.address() as AddressInfo).port}`
  const asked: string[] = []
  const it = machine(t, {
    urls: [url],
    ca: ca.certificate,
    changed: {
      async http(request) {
        asked.push(`${request.method ?? 'GET'} ${new URL(request.url).pathname}`)
        const answer = await realHttp(request)
        return { ...answer, headers: { ...answer.headers, date: now().toUTCString() } }
      },
    },
  })
  // The limit on telling the host is for a host that hangs; here it would be over at once.
  const patient = { ...it.system, clock: { ...it.system.clock, sleep: () => new Promise<void>(() => {}) } }
  it.clock.now = BEGIN
  it.put(GUEST.config, JSON.stringify({ format: 1, urls: [url], token: token.reveal(), agent: { user: 'trove' } }), 0o600)
  remember(it.system.files, MEMORY.identity, { instance: INSTANCE, urls: [url], source: '' })
  remember(it.system.files, MEMORY.host, { url, uptime: 0 })
  await enrol.run(it.system)
  asked.length = 0
  const [journal, console] = [[] as string[], [] as string[]]
  return {
    ...{ it, store, url, asked, journal, console },
    reported: () => store.reports.list(INSTANCE).map(({ report }) => said(report)),
    token: { revoke: () => void store.tokens.revoke(id, now()), inject: () => it.put(GUEST.token, makeToken(1).token.reveal(), 0o600) },
    async after(days) {
      clock.now += days * DAY * 1000
      it.clock.now = clock.now
      for (const list of [asked, journal, console]) list.length = 0
      return renewCredential(patient, { journal: (report) => journal.push(said(report)), console: (report) => console.push(said(report)) })
    },
  }
}

const opens = ({ it, store }: World): boolean => {
  const { secret } = recall(it.system.files, MEMORY.enrolment)!
  return store.instances.opens(INSTANCE, new Secret(secret), new Date(it.clock.now))
}
const keyOf = ({ it }: World): string => createHash('sha256').update(recall(it.system.files, MEMORY.enrolment)!.secret).digest('hex')

t.test('in the first half of the life there is nothing to do: nobody is asked, nothing is said', async (t) => {
  const on = await world(t)
  t.equal(await on.after(14.9), 0)
  t.same([on.asked, on.journal, on.console], [[], [], []])
})

t.test('in the second half it renews with its own credential, and only its journal has a word of it', async (t) => {
  const on = await world(t)
  on.token.revoke()
  t.equal(await on.after(15.1), 0)
  t.same(on.asked, ['GET /healthz', 'POST /v1/enrol'])
  t.match(on.journal, [/^ready done renewed: credential until 2027-01-09T/])
  t.same([on.console, on.reported()], [[], []])
  t.equal(await on.after(1), 0)
  t.same(on.asked, [])
})

t.test('a guest that runs for half a year, looked at once a day: its credential opens the host on every day, and is the same', async (t) => {
  const on = await world(t)
  on.token.revoke()
  const key = keyOf(on)
  let renewals = 0
  for (let day = 0; day < 180; day++) {
    t.equal(await on.after(1), 0)
    renewals += on.asked.length > 0 ? 1 : 0
    if (!opens(on)) t.fail(`day ${day}`)
  }
  t.equal(renewals, 12, 'each 15th day')
  t.equal(keyOf(on), key)
})

t.test('one that has expired is had again with the bootstrap token, as long as that lives, and with the same key', async (t) => {
  const on = await world(t)
  const key = keyOf(on)
  t.equal(await on.after(40), 0)
  t.same(on.asked, ['GET /healthz', 'POST /v1/enrol', 'POST /v1/enrol'])
  t.match(on.journal, [/^ready done renewed/])
  t.ok(opens(on))
  t.equal(keyOf(on), key)
})

t.test('expired, with a token that has expired too: said everywhere once a day, until somebody brings a token', async (t) => {
  const on = await world(t, { tokenDays: 1 })
  t.equal(await on.after(40), 1)
  t.same(on.journal, ['ready failed TOKEN_REFUSED'])
  t.same(on.console, on.journal)
  t.equal(await on.after(1), 1)
  t.same(on.asked, ['GET /healthz', 'POST /v1/enrol'])
  t.same(on.console, ['ready failed TOKEN_REFUSED'])
  on.token.inject()
  t.equal(await on.after(0.5), 0)
  t.match(on.console, [/^ready done renewed: credential until/])
  t.match(on.reported(), [/^ready done renewed/], 'that it is over is said to the host as well')
  t.ok(opens(on))
  t.equal(await on.after(1), 0)
  t.same([on.asked, on.console], [[], []])
})

t.test('a host that is away costs nothing but a line: the credential stays, and the host hears of it later', async (t) => {
  const on = await world(t)
  const { files } = on.it.system
  const urls = (...urls: string[]) => remember(files, MEMORY.identity, { instance: INSTANCE, urls, source: '' })
  urls('https://127.0.0.1:1')
  t.equal(await on.after(16), 1)
  t.same(on.console, ['ready failed HOST_REFUSED'])
  t.ok(opens(on))
  urls(on.url)
  t.equal(await on.after(1), 0)
  t.match(on.console, [/^ready done renewed/])
  t.match(on.reported(), ['ready failed HOST_REFUSED', /^ready done renewed/])
})

t.test('a host that has moved is found at the next of its addresses', async (t) => {
  const on = await world(t)
  remember(on.it.system.files, MEMORY.identity, { instance: INSTANCE, urls: ['https://127.0.0.1:1', on.url], source: '' })
  t.equal(await on.after(16), 0)
  t.match(on.journal, [/^ready done renewed/])
})

t.test('an instance that was revoked is told so, and what to type', async (t) => {
  const on = await world(t)
  on.store.instances.revoke(INSTANCE, new Date(BEGIN))
  let message = ''
  await on.after(16)
  t.same(on.console, ['ready failed CREDENTIAL_REFUSED'])
  await renewCredential(on.it.system, { journal: ({ fault }) => void (message = fault!.message), console: () => {} })
  t.match(message, `trovestrap forget ${INSTANCE}`)
  for (const secret of [recall(on.it.system.files, MEMORY.enrolment)!.secret, on.it.get(GUEST.config).split('"')[9]!]) t.notMatch(message, secret)
})

t.test('what the daemon has to do is left to it: a guest that was never let in, and the copy of another guest\'s disk', async (t) => {
  const on = await world(t)
  const { files } = on.it.system
  remember(files, MEMORY.identity, { instance: INSTANCE.replace('5', '6'), urls: [on.url], source: '' })
  t.equal(await on.after(20), 0)
  remember(files, MEMORY.identity, { instance: INSTANCE, urls: [on.url], source: '' })
  files.remove(MEMORY.enrolment.path)
  t.equal(await on.after(0), 0)
  t.same([on.asked, on.journal], [[], []])
})

t.test('while an agent is down, its end stays the last word; the credential is renewed all the same', async (t) => {
  const on = await world(t)
  remember(on.it.system.files, MEMORY.told, { ends: 1, failures: 1, said: [] })
  t.equal(await on.after(16), 0)
  t.same([on.journal, on.console, on.reported()], [[], [], []])
  t.ok(on.asked.includes('POST /v1/enrol'))
})
