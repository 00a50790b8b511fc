import t from 'tap'
import { Secret } from '../../../contract/secret.ts'
import { instanceOfName, launch, requestOf } from '../../../instances/launch/launch.ts'
import type { LaunchPlan } from '../../../instances/launch/plan-launch.ts'
import { patience, standInCloud } from '../../openstack/stand-in-cloud.ts'
import { AT, LARGE, USERS, VERSION } from './whole-cloud.ts'

const INSTANCE = { id: '3f744523-437f-442a-929b-c7274d737d60', name: 'db-1', status: 'BUILD' }
const PLAN: LaunchPlan = {
  wish: { name: 'db-1', datastore: 'mysql', flavor: 'large', size: 2, databases: ['shop'], users: ['app'], availabilityZone: 'nova' },
  ...{ project: 'admin', datastore: { id: 'd1', name: 'mysql', versions: [] }, version: VERSION, flavor: LARGE, network: USERS, warnings: [] },
}
const PASSWORDS = new Map([['app', new Secret('a-canary-word')]])

t.test('the request is what Trove takes, by ids; nothing that was not wished for is in it', async (t) => {
  t.same(requestOf(PLAN, PASSWORDS), {
    ...{ name: 'db-1', flavorRef: '2', datastore: { type: 'd1', version: VERSION.id }, volume: { size: 2 }, nics: [{ 'net-id': USERS.id }] },
    ...{ databases: [{ name: 'shop' }], users: [{ name: 'app', password: 'a-canary-word', databases: [{ name: 'shop' }] }], availability_zone: 'nova' },
  })
  const { network: _, ...plain } = PLAN
  t.same(requestOf({ ...plain, wish: { name: 'db-1', datastore: 'mysql', flavor: 'large', databases: [], users: [] } }, new Map()), { name: 'db-1', flavorRef: '2', datastore: { type: 'd1', version: VERSION.id } })
  t.throws(() => requestOf(PLAN, new Map()), TypeError)
})

t.test('an answer that is lost leads to what Trove has made, not to a second instance', async (t) => {
  const made: object[] = []
  const { cloud, asked } = await standInCloud(t, {
    [AT.create]: async (request, reply) => {
      made.push(INSTANCE)
      reply.hijack()
      request.raw.socket.destroy()
    },
    [AT.own]: () => ({ instances: made }),
  })
  t.match(await launch(cloud, PLAN, PASSWORDS, patience()), INSTANCE)
  t.equal(asked.filter(({ method, url }) => method === 'POST' && url.endsWith('/instances')).length, 1)
})

t.test('an answer that is lost on the way there is said to be open, and what Trove refuses is quoted without the password', async (t) => {
  const lost = await standInCloud(t, { [AT.create]: (request, reply) => void (reply.hijack(), request.raw.socket.destroy()), [AT.own]: () => ({ instances: [] }) })
  await t.rejects(launch(lost.cloud, PLAN, PASSWORDS, patience()), { name: 'CloudError', message: /whether Trove has taken the request is not known, and the same command again finds out$/ })
  const refused = await standInCloud(t, { [AT.create]: async (_, reply) => reply.code(400).send({ badRequest: { code: 400, message: 'Local storage not specified in flavor ID: 2.' } }) })
  const error = await launch(refused.cloud, PLAN, PASSWORDS, patience()).then(String, (error: Error) => `${error.message} ${String(error.stack)}`)
  t.match(error, /with 400: Local storage not specified in flavor ID: 2\. /)
  t.notMatch(error, 'canary')
})

t.test('an instance of the name is found; two of it are refused with both ids', async (t) => {
  const twin = { ...INSTANCE, id: '4f744523-437f-442a-929b-c7274d737d60' }
  const { cloud } = await standInCloud(t, { [AT.own]: () => ({ instances: [INSTANCE, { ...INSTANCE, id: 'x', name: 'db-10' }] }) })
  t.match(await instanceOfName(cloud, 'db-1', patience()), INSTANCE)
  t.equal(await instanceOfName(cloud, 'db-2', patience()), undefined)
  const { cloud: twins } = await standInCloud(t, { [AT.own]: () => ({ instances: [INSTANCE, twin] }) })
  await t.rejects(instanceOfName(twins, 'db-1', patience()), { name: 'Refusal', message: new RegExp(`there are 2 instances called db-1 already: ${INSTANCE.id}, ${twin.id}\\.`) })
})
