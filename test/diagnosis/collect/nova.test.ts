import t from 'tap'
import { novaCollector } from '../../../diagnosis/collect/nova.ts'
import { standInCloud } from '../../openstack/stand-in-cloud.ts'
import { INSTANCE } from './context.ts'
import { ADMIN, lookBeside, NOVA, recorded, SERVER, TROVE_SEEN } from './openstack/recorded.ts'

const SEEN = {
  server: {
    id: SERVER,
    name: 'e2e',
    status: 'ACTIVE',
    power: 'running',
    host: 'labcompute',
    created: '2026-11-25T10:42:12Z',
    addresses: [
      { network: 'user1', address: '10.98.0.137', kind: 'fixed' },
      { network: 'mgmt', address: '10.99.0.180', kind: 'fixed' },
    ],
    flavor: { name: 'db.eph', ram: 512, disk: 1 },
    config_drive: 'True',
  },
}

t.test('the server that Trove names is looked at, with the version that shows its flavor', async (t) => {
  const { cloud, asked } = await standInCloud(t, ADMIN)
  t.same((await lookBeside(novaCollector(cloud), TROVE_SEEN)).seen, SEEN)
  t.match(asked[1], { url: `${NOVA}/servers/${SERVER}`, headers: { 'openstack-api-version': 'compute 2.47' } })
})

t.test('an older Nova is asked with what it has', async (t) => {
  const { cloud, asked } = await standInCloud(t, {
    [`GET ${NOVA}/servers/${SERVER}`]: async ({ headers }, reply) => (headers['openstack-api-version'] === 'compute 2.38' ? recorded('server') : reply.code(406).send(recorded('tooNew'))),
    [`GET ${NOVA}/`]: () => ({ version: { ...recorded('version')['version'], version: '2.38' } }),
  })
  t.same((await lookBeside(novaCollector(cloud), TROVE_SEEN)).seen, SEEN)
  t.same(asked.slice(1).map(({ url }) => url), [`${NOVA}/servers/${SERVER}`, `${NOVA}/`, `${NOVA}/servers/${SERVER}`])
})

t.test('a fault of Nova is shown', async (t) => {
  const fault = { code: 500, created: '2026-11-25T10:42:12Z', message: 'No valid host was found. There are not enough hosts available.', details: 'Traceback …' }
  const { cloud } = await standInCloud(t, { [`GET ${NOVA}/servers/${SERVER}`]: () => ({ server: { ...recorded('server')['server'], status: 'ERROR', 'OS-EXT-STS:task_state': 'spawning', 'OS-EXT-STS:power_state': 0, fault, addresses: {} } }) })
  t.match((await lookBeside(novaCollector(cloud), TROVE_SEEN)).seen.server, { status: 'ERROR', task: 'spawning', power: 'no state', fault: { code: 500, message: fault.message }, addresses: [] })
})

t.test('user data and metadata, which hold configuration, are left behind', async (t) => {
  const { cloud } = await standInCloud(t, { [`GET ${NOVA}/servers/${SERVER}`]: () => ({ server: { ...recorded('server')['server'], 'OS-EXT-SRV-ATTR:user_data': 'canary', metadata: { a: 'canary' } } }) })
  t.notMatch(JSON.stringify(await lookBeside(novaCollector(cloud), TROVE_SEEN)), /canary/)
})

t.test('with a name nobody waits for Trove: the metadata say whose server it is', async (t) => {
  const { cloud, asked } = await standInCloud(t, {
    [`GET ${NOVA}/servers/detail`]: () => ({ servers: [{ ...recorded('server')['server'], id: 'a-namesake', metadata: {} }, recorded('server')['server']] }),
  })
  const never = new Promise<never>(() => {})
  const context = { signal: AbortSignal.timeout(5000), seenBy: () => never, partly: () => {} }
  t.same(await novaCollector(cloud).collect({ instance: INSTANCE, name: 'my.db (1)' }, context), SEEN)
  t.same([...new URL(asked[1]!.url, 'http://x').searchParams], [['limit', '1000'], ['all_tenants', '1'], ['name', '^my\\.db \\(1\\)$']])
})

t.test('where Trove has no server for it, all are looked through', async (t) => {
  const { cloud } = await standInCloud(t, { [`GET ${NOVA}/servers/detail`]: () => ({ servers: [recorded('server')['server']] }) })
  t.same((await lookBeside(novaCollector(cloud))).seen, SEEN)
})

t.test('no server is evidence to an admin, and nothing to others', async (t) => {
  const none = { [`GET ${NOVA}/servers/${SERVER}`]: async (_: unknown, reply: { code(n: number): { send(b: unknown): unknown } }) => reply.code(404).send(recorded('noServer')), [`GET ${NOVA}/servers/detail`]: () => ({ servers: [] }) }
  const admin = await standInCloud(t, none)
  t.same((await lookBeside(novaCollector(admin.cloud), TROVE_SEEN)).seen, {})
  t.same((await lookBeside(novaCollector(admin.cloud))).seen, {})
  const member = await standInCloud(t, none, { roles: ['member'] })
  await t.rejects(lookBeside(novaCollector(member.cloud), TROVE_SEEN), { name: 'CannotSee', message: /^Nova shows project admin no server of this instance; .*export OS_CLOUD=/ })
  t.notMatch(member.asked.map(({ url }) => url).join(), /all_tenants/)
})
