import t from 'tap'
import { Instances } from '../../openstack/instances.ts'
import { patience, PROJECT, standInCloud, type Answering } from './stand-in-cloud.ts'

const ID = '3f744523-437f-442a-929b-c7274d737d60'
const ONE = `GET /v1.0/${PROJECT}/mgmt/instances/${ID}`
const LIST = `GET /v1.0/${PROJECT}/mgmt/instances`
const waitsForItsAgent: Answering = async () => new Promise(() => {})
const down: Answering = async (_, reply) => reply.code(500).send({ instanceFault: { message: 'no' } })

t.test('an answer that comes at once needs no list', async (t) => {
  const { cloud, asked } = await standInCloud(t, { [ONE]: () => ({ instance: { id: ID, status: 'BUILD' } }), [LIST]: () => t.fail('asked') })
  t.match(await new Instances(cloud, 60_000).find(ID, patience()), { status: 'BUILD' })
  t.equal(asked.length, 2)
})

t.test('an instance that is not there is none; everything else that is no answer is said', async (t) => {
  const { cloud } = await standInCloud(t, {})
  t.equal(await new Instances(cloud).find(ID, patience()), undefined)
  const broken = await standInCloud(t, { [ONE]: down })
  await t.rejects(new Instances(broken.cloud).find(ID, patience()), { name: 'CloudError', status: 500 })
})

t.test('where Trove waits for agents, all who wait share one list', async (t) => {
  const all = Array.from({ length: 20 }, (_, number) => `${ID.slice(0, -2)}${number + 10}`)
  const { cloud, asked } = await standInCloud(t, {
    ...Object.fromEntries(all.map((id) => [ONE.replace(ID, id), waitsForItsAgent])),
    [LIST]: () => ({ instances: all.map((id) => ({ id, status: 'ACTIVE' })) }),
  })
  const instances = new Instances(cloud, 10)
  const found = await Promise.all(all.map((id) => instances.find(id, patience(30_000))))
  t.same(found.map((instance) => instance?.id), all)
  t.equal(asked.filter(({ url }) => url.includes('/mgmt/instances?')).length, 1)
  t.match(await instances.find(all[0]!, patience(30_000)), { status: 'ACTIVE' })
  t.equal(asked.filter(({ url }) => url.includes('/mgmt/instances?')).length, 2, 'a later question has a list of its own')
})

t.test('a list that fails leaves the first question standing; neither goes beyond the patience', async (t) => {
  const listed = Promise.withResolvers<void>()
  const { cloud } = await standInCloud(t, {
    [ONE]: async () => listed.promise.then(() => ({ instance: { id: ID, status: 'ERROR' } })),
    [LIST]: async (request, reply) => {
      listed.resolve()
      return await down(request, reply)
    },
  })
  t.match(await new Instances(cloud, 10).find(ID, patience(30_000)), { status: 'ERROR' })
  const silent = await standInCloud(t, { [ONE]: waitsForItsAgent, [LIST]: waitsForItsAgent })
  for (const prompt of [10, 60_000]) {
    await t.rejects(new Instances(silent.cloud, prompt).find(ID, patience(300)), { name: 'CloudError', silent: true, message: /^Trove.* gives no answer in time$/ })
  }
})
