import t from 'tap'
import { looker } from '../../../instances/follow/look.ts'
import { PROJECT, standInCloud } from '../../openstack/stand-in-cloud.ts'

const ID = '3f744523-437f-442a-929b-c7274d737d60'
const OWN = `GET /v1.0/${PROJECT}/instances/detail`
const SERVER = { id: 'e1000000-0000-4000-8000-000000000001', name: 'db-1', status: 'BUILD', 'OS-EXT-STS:task_state': 'spawning', metadata: { trove_instance_id: ID } }
const own = (more: object = {}): object => ({ instances: [{ id: ID, name: 'db-1', status: 'BUILD', operating_status: '', ...more }] })
const nobody = async (): Promise<undefined> => undefined

t.test('the server is found by the metadata that Trove gives it, and then asked for by its id', async (t) => {
  const { cloud, asked } = await standInCloud(t, {
    [OWN]: () => own(),
    'GET /compute/v2.1/servers/detail': () => ({ servers: [{ ...SERVER, id: 'other', metadata: {} }, SERVER] }),
    [`GET /compute/v2.1/servers/${SERVER.id}`]: () => ({ server: { ...SERVER, status: 'ACTIVE', 'OS-EXT-STS:task_state': null } }),
    [`POST /compute/v2.1/servers/${SERVER.id}/action`]: () => ({ output: 'trovestrap[1]: stage=fetch state=begun\n' }),
  })
  const look = looker(cloud, ID, nobody)
  t.match(await look(), { trove: { status: 'BUILD' }, server: { id: SERVER.id, status: 'BUILD', task: 'spawning' }, reports: [{ stage: 'fetch', state: 'begun' }], heardBy: "Nova's console" })
  t.match(await look(), { server: { status: 'ACTIVE' }, reports: [{ stage: 'fetch' }] })
  t.equal(asked.filter(({ url }) => url.includes('/servers/detail')).length, 1)
  t.equal(asked.filter(({ method, url }) => method === 'POST' && url.endsWith('/action')).length, 1, 'the console is asked seldom')
})

t.test("host-server's record comes before the console; a Nova that does not answer this time has not changed its mind", async (t) => {
  let up = true
  const { cloud, asked } = await standInCloud(t, {
    [OWN]: () => own({ server_id: SERVER.id, addresses: [{ address: '10.98.0.12', type: 'private', network: 'n1' }] }),
    [`GET /compute/v2.1/servers/${SERVER.id}`]: async (_, reply) => (up ? { server: SERVER } : await reply.code(503).send({})),
  })
  const look = looker(cloud, ID, async () => [{ stage: 'confirm', state: 'done', attempt: 1 }])
  const before = await look()
  t.match(before, { addresses: ['10.98.0.12'], reports: [{ stage: 'confirm' }], heardBy: "host-server's record" })
  up = false
  t.same(await look(), before)
  t.notOk(asked.some(({ url }) => url.endsWith('/action')))
})

t.test('a fault is one line, however it was written', async (t) => {
  const { cloud } = await standInCloud(t, { [OWN]: () => own({ status: 'ERROR', fault: { message: 'Failed to create server\nQuota exceeded for ram\n(HTTP 403)\n' } }), 'GET /compute/v2.1/servers/detail': () => ({ servers: [] }) })
  t.match(await looker(cloud, ID, nobody)(), { trove: { status: 'ERROR', fault: 'Failed to create server Quota exceeded for ram (HTTP 403)' } })
})

t.test('an instance that Trove has no more is seen to be gone', async (t) => {
  const { cloud } = await standInCloud(t, { [OWN]: () => ({ instances: [] }) })
  t.same(await looker(cloud, ID, nobody)(), { addresses: [], reports: [] })
})
