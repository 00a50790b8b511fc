import t from 'tap'
import { troveApiCollector } from '../../../diagnosis/collect/trove-api.ts'
import { standInCloud } from '../../openstack/stand-in-cloud.ts'
import { INSTANCE } from './context.ts'
import { ADMIN, lookBeside, recorded, SERVER, TROVE } from './openstack/recorded.ts'

const SEEN = {
  from: 'api',
  instance: {
    name: 'e2e',
    status: 'ERROR',
    task: 0x5b,
    task_text: 'Build error: guestagent timeout.',
    created: '2026-11-25T10:41:59.000Z',
    updated: '2026-11-25T10:42:51.000Z',
    deleted: false,
    compute_instance_id: SERVER,
    has_rpc_key: true,
    datastore: 'mysql',
    datastore_version: '5.7.29',
  },
  service: { id: 0x18, text: 'guestagent error', updated: '2026-11-25T10:42:51.000Z' },
  fault: { message: 'Polling request timed out.', details: /Polling request timed out\.\n$/, created: '2026-11-25T10:42:51.000Z' },
} as const

t.test('an admin sees the instance, its task, its server and its fault', async (t) => {
  const { cloud } = await standInCloud(t, ADMIN)
  const { seen, partly } = await lookBeside(troveApiCollector(cloud))
  t.matchOnly(seen, SEEN)
  t.same(partly, [])
})

t.test('while Trove waits for an agent that is not there, its list is asked, which waits for nobody', async (t) => {
  const instance: Record<string, unknown> = { ...recorded('managed')['instance'] }
  delete instance['guest_status']
  const { cloud, asked } = await standInCloud(t, {
    [`GET ${TROVE}/mgmt/instances/${INSTANCE}`]: () => new Promise(() => {}),
    [`GET ${TROVE}/mgmt/instances`]: () => ({ instances: [{ id: 'another' }, instance] }),
  })
  const { seen } = await lookBeside(troveApiCollector(cloud))
  t.matchOnly(seen, { ...SEEN, service: { text: 'ERROR', updated: SEEN.service.updated } }, 'ERROR stands for two states and is not made one')
  t.ok(asked.some(({ url }) => url === `${TROVE}/mgmt/instances?include_clustered=true`))
})

t.test('a word of the API that stands for one state is said in the database’s words', async (t) => {
  const { guest_status: _, ...instance } = recorded('managed')['instance']!
  const { cloud } = await standInCloud(t, { [`GET ${TROVE}/mgmt/instances/${INSTANCE}`]: () => ({ instance: { ...instance, service_status: 'FAILED' } }) })
  t.match((await lookBeside(troveApiCollector(cloud))).seen.service, { id: 0x08, text: 'failed to spawn' })
})

t.test('no such instance is evidence, from an admin’s view', async (t) => {
  const { cloud } = await standInCloud(t, { [`GET ${TROVE}/mgmt/instances/${INSTANCE}`]: async (_, reply) => reply.code(404).send(recorded('noInstance')) })
  t.same((await lookBeside(troveApiCollector(cloud))).seen, { from: 'api' })
})

t.test('who is no admin sees what the project has, and is told what is missing', async (t) => {
  const page = recorded('page') as unknown as { instances: Record<string, unknown>[] }
  const { server_id: _, encrypted_rpc_messaging: __, ...own } = page.instances[0]!
  const { cloud, asked, logins } = await standInCloud(t, { [`GET ${TROVE}/instances/detail`]: () => ({ instances: [{ ...own, fault: { message: 'Polling request timed out.', created: '2026-11-25T10:42:51', details: null } }] }) }, { roles: ['member'] })
  const { seen, partly } = await lookBeside(troveApiCollector(cloud))
  t.match(seen, { instance: { name: 'e2e', status: 'ERROR', datastore: 'mysql' }, fault: { message: 'Polling request timed out.' } })
  t.notOk('service' in seen || 'details' in seen.fault! || 'compute_instance_id' in seen.instance!)
  t.same(partly, ['Trove shows task and server to admins alone'])
  t.equal(asked[1]!.url, `${TROVE}/instances/detail?limit=1&include_clustered=true&marker=${INSTANCE.slice(0, -1)}`)
  t.equal(logins(), 1)
})

t.test('an admin whom Trove does not take for one is shown the project’s', async (t) => {
  const { cloud } = await standInCloud(t, {
    [`GET ${TROVE}/mgmt/instances/${INSTANCE}`]: async (_, reply) => reply.code(401).send({ unauthorized: { code: 401, message: 'User does not have admin privileges.' } }),
    [`GET ${TROVE}/instances/detail`]: () => recorded('page'),
  })
  t.match((await lookBeside(troveApiCollector(cloud))).seen.instance, { status: 'ERROR', compute_instance_id: SERVER })
})

t.test('what another project may have is not called absent', async (t) => {
  const { cloud } = await standInCloud(t, { [`GET ${TROVE}/instances/detail`]: () => ({ instances: [{ id: '5b2d1f3e-1111-4111-8111-111111111112', name: 'the next one' }] }) }, { roles: ['member'] })
  await t.rejects(lookBeside(troveApiCollector(cloud)), { name: 'CannotSee', message: `Trove shows project admin no instance ${INSTANCE}; it may be another project's: export OS_CLOUD=… of an admin` })
})

t.test('an answer that is none is said', async (t) => {
  for (const answer of ['<html>', { instance: { id: 5 } }, [], { instance: null }]) {
    const { cloud } = await standInCloud(t, { [`GET ${TROVE}/mgmt/instances/${INSTANCE}`]: async (_, reply) => reply.type('application/json').send(JSON.stringify(answer)) })
    await t.rejects(lookBeside(troveApiCollector(cloud)), { name: 'CannotSee', message: /^Trove answers something else than was asked for/ })
  }
  const { cloud } = await standInCloud(t, { [`GET ${TROVE}/mgmt/instances/${INSTANCE}`]: async (_, reply) => reply.code(500).send({ computeFault: { message: 'The server has either erred or is incapable of performing the requested operation.' } }) })
  await t.rejects(lookBeside(troveApiCollector(cloud)), { name: 'CannotSee', message: /^Trove answers GET \/mgmt\/instances\/\S+ with 500: The server has either erred/ })
})
