import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import t, { type Test } from 'tap'
import { Attestor, type AttestorOptions } from '../../../host-server/attestation/attestor.ts'
import { Cloud } from '../../../openstack/cloud.ts'
import { PASSWORD, PROJECT, standInCloud, type Answering } from '../../openstack/stand-in-cloud.ts'

const ID = '3f744523-437f-442a-929b-c7274d737d60'
const STRANGER = '00000000-0000-4000-8000-000000000000'
const CLAIM = { instance: ID, address: '10.99.0.30' }
const PATIENT = new AbortController().signal

/** What the real ones answered, for an instance that was building. */
const { trove, nova, neutron } = JSON.parse(readFileSync(new URL('building-instance.json', import.meta.url), 'utf8')) as Record<string, object> as { trove: { instance: { server_id: string } & Record<string, unknown> }; nova: { server: object }; neutron: { ports: { id: string }[] } }
const SERVER = trove.instance.server_id

const TROVE = `GET /v1.0/${PROJECT}/mgmt/instances/${ID}`
const LIST = `GET /v1.0/${PROJECT}/mgmt/instances`
const NOVA = `GET /compute/v2.1/servers/${SERVER}`
const PORTS = 'GET /networking/v2.0/ports'
const FLOATING = 'GET /networking/v2.0/floatingips'
const KEYSTONE = 'POST /identity/v3/auth/tokens'

const WELL: Record<string, Answering> = { [TROVE]: () => trove, [NOVA]: () => nova, [PORTS]: () => neutron, [FLOATING]: () => ({ floatingips: [] }) }

const down: Answering = async (_, reply) => reply.code(503).send({ error: { message: `out of order, ${PASSWORD}` } })
async function attestorOf(t: Test, routes: Record<string, Answering> = {}, { roles, ...options }: AttestorOptions & { roles?: string[] } = {}) {
  const stand = await standInCloud(t, { ...WELL, ...routes }, roles === undefined ? {} : { roles })
  const said: string[] = []
  return { ...stand, said, attestor: new Attestor(stand.cloud, { warn: (line) => said.push(line), deadline: 60_000, wait: 60_000, ...options }) }
}

t.test('a building instance is attested from its own address, with four questions', async (t) => {
  const { attestor, asked, said } = await attestorOf(t)
  t.same(await attestor.attest(CLAIM, PATIENT), { verdict: 'attested', server: SERVER })
  const questions = asked.map(({ method, url }) => `${method} ${url.split('?')[0]}`).filter((one) => one !== LIST) // asked too where this machine is slow
  t.same(questions.slice(0, 2), [KEYSTONE, TROVE])
  t.same(questions.slice(2).sort(), [NOVA, PORTS].sort())
  t.ok(asked.some(({ url }) => url.endsWith(`/ports?device_id=${SERVER}`)))
  t.same(said, [])
})

t.test('a floating address of its ports is its own, and one of another port is not', async (t) => {
  const own = { port_id: neutron.ports[1]!.id, floating_ip_address: '172.24.4.20' }
  const { attestor } = await attestorOf(t, { [FLOATING]: () => ({ floatingips: [own, { port_id: 'another', floating_ip_address: '172.24.4.21' }, { port_id: null, floating_ip_address: '172.24.4.22' }] }) })
  t.match(await attestor.attest({ ...CLAIM, address: '::ffff:172.24.4.20' }, PATIENT), { verdict: 'attested' })
  t.match(await attestor.attest({ ...CLAIM, address: '172.24.4.21' }, PATIENT), { verdict: 'refused' })
  t.match(await attestor.attest({ ...CLAIM, address: '172.24.4.22' }, PATIENT), { verdict: 'refused' })
})

t.test('a port that Neutron shows without being asked for it is nobody\'s', async (t) => {
  const foreign = { ...neutron.ports[0], id: 'f', device_id: 'another-server', fixed_ips: [{ ip_address: '10.99.0.99' }] }
  const { attestor } = await attestorOf(t, { [PORTS]: () => ({ ports: [...neutron.ports, foreign] }) })
  t.match(await attestor.attest({ ...CLAIM, address: '10.99.0.99' }, PATIENT), { verdict: 'refused', why: /^10\.99\.0\.99 is no address of the server/ })
})

t.test('refused: unknown to Trove, from another address, without a server in Nova, not building', async (t) => {
  const { attestor } = await attestorOf(t)
  t.match(await attestor.attest({ ...CLAIM, instance: STRANGER }, PATIENT), { verdict: 'refused', why: `Trove knows no instance ${STRANGER}; on the host, if it is to be let in: trovestrap approve ${STRANGER}` })
  t.match(await attestor.attest({ ...CLAIM, address: '10.99.0.31' }, PATIENT), { verdict: 'refused' })
  const gone = await attestorOf(t, { [NOVA]: async (_, reply) => reply.code(404).send({ itemNotFound: { code: 404, message: 'Instance could not be found' } }) })
  t.match(await gone.attestor.attest(CLAIM, PATIENT), { verdict: 'refused', why: /^Nova has no more the server/ })
  const runs = { instance: { ...trove.instance, status: 'ACTIVE', task_description: 'No tasks for the instance.' } }
  const active = await attestorOf(t, { [TROVE]: () => runs, [NOVA]: down, [PORTS]: down })
  t.match(await active.attestor.attest(CLAIM, PATIENT), { verdict: 'refused', why: /is not being built: Trove says No tasks for the instance\. \(ACTIVE\)/ })
})

t.test('an instance whose agent Trove waits for is found in the list, and refused as it runs', async (t) => {
  const runs = { ...trove.instance, status: 'ACTIVE', task_description: 'No tasks for the instance.' }
  const { attestor } = await attestorOf(t, { [TROVE]: async () => new Promise(() => {}), [LIST]: () => ({ instances: [runs] }) })
  t.match(await attestor.attest(CLAIM, PATIENT), { verdict: 'refused', why: /is not being built/ })
})

const refuses: Answering = async (_, reply) => reply.code(401).send({ error: { message: 'who are you?' } })
const silent: Answering = async () => new Promise(() => {})
const breaks: Answering = async (_, reply) => void reply.raw.destroy()
const nonsense: Answering = () => ({ hello: 'world' })

for (const [service, route] of Object.entries({ Keystone: KEYSTONE, Trove: TROVE, Nova: NOVA, Neutron: PORTS })) {
  for (const [what, answering] of Object.entries({ 'is out of order': down, 'refuses the login': refuses, 'breaks off': breaks, 'answers nonsense': nonsense, 'says nothing': silent })) {
    t.test(`undecided: ${service} ${what}`, async (t) => {
      const { attestor, said } = await attestorOf(t, { [route]: answering }, { deadline: answering === silent ? 300 : 60_000 })
      const verdict = await attestor.attest(CLAIM, PATIENT)
      t.same(verdict, { verdict: 'undecided', why: `OpenStack could not be asked about instance ${ID}, and host-server's log says why; on the host, if it is to be let in: trovestrap approve ${ID}` })
      t.equal(said.length, 1)
      t.match(said[0], new RegExp(`^OpenStack could not be asked: (.*${service}|no answer in time)`))
      t.notMatch(said[0], new RegExp(`${PASSWORD}|token-\\d|\n`))
    })
  }
}

t.test('undecided: nobody at Keystone\'s address, a catalogue without Trove, a user who is no admin', async (t) => {
  const { settings } = await standInCloud(t, WELL)
  const said: string[] = []
  const away = new Attestor(new Cloud({ ...settings, authUrl: 'http://127.0.0.1:1/v3' }), { warn: (line) => said.push(line) })
  t.match(await away.attest(CLAIM, PATIENT), { verdict: 'undecided' })
  t.same(said, ['OpenStack could not be asked: Keystone at 127.0.0.1:1: connection refused'])
  const bare = await attestorOf(t, { [KEYSTONE]: async (_, reply) => reply.code(201).header('x-subject-token', 'x').send({ token: { project: { id: 'p', name: 'admin' }, roles: [{ name: 'admin' }], catalog: [] } }) })
  t.match(await bare.attestor.attest(CLAIM, PATIENT), { verdict: 'undecided' })
  t.match(bare.said, [/the catalogue has no Trove \(type database\); openstack catalog list shows/])
  const member = await attestorOf(t, {}, { roles: ['member', 'reader'] })
  t.match(await member.attestor.attest(CLAIM, PATIENT), { verdict: 'undecided' })
  t.same(member.said, ['OpenStack could not be asked: cloud "lab" of clouds.yaml logs in to project admin without the role admin, and Trove tells the servers of instances to admins alone: openstack.cloud in host-server\'s configuration names another'])
  t.equal(member.asked.length, 1, 'nothing is asked that would be answered for one project alone')
})

t.test('whoever asks may end it, and the same trouble is said once', async (t) => {
  const { attestor } = await attestorOf(t, { [TROVE]: silent })
  t.match(await attestor.attest(CLAIM, AbortSignal.timeout(50)), { verdict: 'undecided' })
  t.match(await attestor.attest(CLAIM, AbortSignal.abort()), { verdict: 'undecided' })
  const broken = await attestorOf(t, { [TROVE]: down })
  for (let time = 0; time < 5; time++) await broken.attestor.attest(CLAIM, PATIENT)
  t.equal(broken.said.length, 1)
})

t.test('two hundred that come up at once cost one login, and are asked about eight at a time', async (t) => {
  const eight = Promise.withResolvers<void>()
  let now = 0
  let most = 0
  const { attestor, logins } = await attestorOf(t, {
    [TROVE]: async () => {
      most = Math.max(most, ++now)
      if (now === 8) eight.resolve()
      await eight.promise
      await new Promise(setImmediate)
      now--
      return trove
    },
  })
  const herd = Array.from({ length: 200 }, (_, number) => attestor.attest({ ...CLAIM, address: `10.1.${number >> 8}.${number & 255}` }, PATIENT))
  const own = attestor.attest(CLAIM, PATIENT)
  t.same(new Set((await Promise.all(herd)).map(({ verdict }) => verdict)), new Set(['refused']))
  t.match(await own, { verdict: 'attested' })
  t.equal(logins(), 1)
  t.equal(most, 8)
})

t.test('whose turn does not come in time is undecided, without OpenStack being asked', async (t) => {
  const begun = Promise.withResolvers<void>()
  const { attestor, asked, said } = await attestorOf(t, { [TROVE]: async () => (begun.resolve(), await new Promise(() => {})) }, { atOnce: 1, wait: 50 })
  const leaving = new AbortController()
  const first = attestor.attest(CLAIM, leaving.signal)
  await begun.promise
  t.match(await attestor.attest({ ...CLAIM, address: '10.1.1.1' }, PATIENT), { verdict: 'undecided', why: /^many ask at once, and OpenStack is asked about 1 at a time/ })
  t.equal(asked.filter(({ url }) => url.endsWith(ID)).length, 1)
  t.same(said, [])
  leaving.abort()
  t.match(await first, { verdict: 'undecided' })
})

t.test('one that claims to be many does not keep the others from being attested', async (t) => {
  const held = Promise.withResolvers<void>()
  const { attestor } = await attestorOf(t, { [`GET /v1.0/${PROJECT}/mgmt/instances/${STRANGER}`]: async (_, reply) => held.promise.then(() => reply.code(404).send({})) })
  const flood = Array.from({ length: 200 }, () => attestor.attest({ instance: STRANGER, address: '10.99.0.66' }, PATIENT))
  t.match(await attestor.attest(CLAIM, PATIENT), { verdict: 'attested' })
  held.resolve()
  const verdicts = (await Promise.all(flood)).map(({ verdict }) => verdict)
  t.equal(verdicts.filter((one) => one === 'refused').length, 4)
  t.equal(verdicts.filter((one) => one === 'undecided').length, 196)
})

t.test('gone is what Trove says it has deleted; what it never had, or could not say, is not', async (t) => {
  const deleted = { instance: { ...trove.instance, status: 'SHUTDOWN', deleted: true } }
  const { attestor, asked } = await attestorOf(t, { [TROVE]: ({ url }) => (url.endsWith('?deleted=true') ? deleted : {}) })
  t.equal(await attestor.isGone(ID), true)
  t.ok(asked.some(({ url }) => url.endsWith(`${ID}?deleted=true`)))
  t.equal(await attestor.isGone(STRANGER), undefined)
  t.equal(await (await attestorOf(t)).attestor.isGone(ID), false)
  const other = await attestorOf(t, { [TROVE]: () => ({ instance: { ...deleted.instance, id: STRANGER } }) })
  t.equal(await other.attestor.isGone(ID), undefined, 'an answer about another instance')
  for (const answering of [down, refuses, breaks, nonsense]) {
    const broken = await attestorOf(t, { [TROVE]: answering, [LIST]: answering })
    t.same([await broken.attestor.isGone(ID), await broken.attestor.live()], [undefined, undefined])
    t.match(broken.said[0], /^OpenStack could not be asked: /)
  }
  const member = await attestorOf(t, { [TROVE]: () => deleted }, { roles: ['member'] })
  t.equal(await member.attestor.isGone(ID), undefined)
})

t.test('what Trove has is its list without the deleted', async (t) => {
  const { attestor } = await attestorOf(t, { [LIST]: () => ({ instances: [trove.instance, { ...trove.instance, id: STRANGER, deleted: true }] }) })
  t.same(await attestor.live(), new Set([ID]))
})

t.test('an attestor does not print what opens the cloud', async (t) => {
  const { attestor } = await attestorOf(t)
  await attestor.attest(CLAIM, PATIENT)
  t.notMatch(inspect(attestor, { depth: 20, showHidden: true }), new RegExp(`${PASSWORD}|token-1`))
})
