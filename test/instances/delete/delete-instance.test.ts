import t, { type Test } from 'tap'
import { askForDeletion, untilGone } from '../../../instances/delete/delete-instance.ts'
import { patience, PROJECT, standInCloud, type Answering } from '../../openstack/stand-in-cloud.ts'

const ONE = { id: '3f744523-437f-442a-929b-c7274d737d60', name: 'db-1', status: 'ACTIVE' }
const AT = `/v1.0/${PROJECT}/instances/${ONE.id}`
const ok: Answering = async (_, reply) => reply.code(202).send()
const refuses = (status: number, message: string): Answering => async (_, reply) => reply.code(status).send({ error: { code: status, message } })

async function ask(t: Test, routes: Record<string, Answering>, { status = 'ACTIVE', force = false } = {}) {
  const { cloud, asked } = await standInCloud(t, routes)
  const outcome = await askForDeletion(cloud, { ...ONE, status }, force, patience()).catch((error: unknown) => error)
  return { outcome, asked: asked.filter(({ url }) => !url.endsWith('/tokens')).map(({ method, url, body }) => [method, url.replace(`/v1.0/${PROJECT}`, ''), ...(body ? [body] : [])]) }
}

t.test('an instance is deleted with one call; one that is being deleted is not asked for twice', async (t) => {
  t.same(await ask(t, { [`DELETE ${AT}`]: ok }), { outcome: true, asked: [['DELETE', `/instances/${ONE.id}`]] })
  const task = (task_description: string): Record<string, Answering> => ({ [`GET /v1.0/${PROJECT}/mgmt/instances`]: () => ({ instances: [{ ...ONE, task_description }] }), [`DELETE ${AT}`]: ok })
  const deleted = async (task_description: string): Promise<boolean> => (await ask(t, task(task_description), { status: 'SHUTDOWN' })).asked.some(([method]) => method === 'DELETE')
  t.equal(await deleted('Deleting the instance.'), false)
  t.equal(await deleted('No tasks for the instance.'), true, 'one whose server is lost looks the same, and is asked for')
  t.match(await ask(t, { [`DELETE ${AT}`]: refuses(404, 'no') }), { outcome: false })
})

t.test('by force Trove forgets first what it was doing, and is asked once Nova has made the server', async (t) => {
  const shown = ['BUILD', 'ACTIVE']
  const own: Answering = () => ({ instances: [{ ...ONE, status: shown.shift() }] })
  const { outcome, asked } = await ask(t, { [`POST ${AT}/action`]: ok, [`GET /v1.0/${PROJECT}/instances/detail`]: own, [`DELETE ${AT}`]: ok }, { status: 'BUILD', force: true })
  t.equal(outcome, true)
  t.same(asked.filter(([method]) => method !== 'GET'), [
    ['POST', `/instances/${ONE.id}/action`, { reset_status: { force_delete: true } }],
    ['DELETE', `/instances/${ONE.id}`],
  ])
  t.same(asked.map(([method]) => method), ['POST', 'GET', 'GET', 'DELETE'])
})

t.test('one that is being built is not asked for: Trove would keep its refusal as the fault of the instance', async (t) => {
  const { outcome, asked } = await ask(t, {}, { status: 'BUILD' })
  t.match(outcome, { name: 'Refusal', kind: 'failed', message: `Trove deletes no instance that it is building, and db-1 is.\n  trovestrap delete ${ONE.id} --force      makes Trove forget what it was doing with it first` })
  t.same(asked, [])
})

t.test('what Trove refuses says what to type', async (t) => {
  t.match((await ask(t, { [`DELETE ${AT}`]: refuses(422, 'not ready') })).outcome, { name: 'Refusal', message: /not ready\n  trovestrap delete .* --force/ })
  t.match((await ask(t, { [`POST ${AT}/action`]: refuses(403, 'Policy') }, { force: true })).outcome, { name: 'Refusal', message: /^--force is for who may reset the status of an instance/ })
  t.match((await ask(t, { [`DELETE ${AT}`]: refuses(403, 'Detach replicas before deleting replica source.') })).outcome, { name: 'CloudError', message: /Detach replicas/ })
})

t.test('it is gone when Trove and Nova have it no more', async (t) => {
  const looks = [{ trove: true, nova: true }, { trove: false, nova: true }, { trove: false, nova: false }]
  let at = -1
  const { cloud } = await standInCloud(t, {
    [`GET /v1.0/${PROJECT}/instances/detail`]: () => (at++, { instances: looks[at]!.trove ? [{ ...ONE, status: 'SHUTDOWN' }] : [] }),
    'GET /compute/v2.1/servers/detail': () => ({ servers: looks[Math.max(0, at)]!.nova ? [{ id: 's1', status: 'ACTIVE', 'OS-EXT-STS:task_state': 'deleting', metadata: { trove_instance_id: ONE.id } }] : [] }),
  })
  const seen: object[] = []
  t.same(await untilGone(cloud, ONE, Date.now() + 30_000, new AbortController().signal, (remains) => void seen.push(remains)), {})
  t.equal(seen.length, 3)
  t.match(seen[0], { trove: 'SHUTDOWN' })
})

t.test('a Trove that does not answer once is asked again', async (t) => {
  let asked = 0
  const { cloud } = await standInCloud(t, {
    [`GET /v1.0/${PROJECT}/instances/detail`]: async (_, reply) => (asked++ === 0 ? await reply.code(500).send({}) : { instances: [] }),
    'GET /compute/v2.1/servers/detail': () => ({ servers: [] }),
  })
  t.same(await untilGone(cloud, ONE, Date.now() + 30_000, new AbortController().signal, () => {}), {})
  t.equal(asked, 2)
})

t.test('when the time is over it is said what still has it', async (t) => {
  const { cloud } = await standInCloud(t, { [`GET /v1.0/${PROJECT}/instances/detail`]: () => ({ instances: [] }), 'GET /compute/v2.1/servers/detail': () => ({ servers: [{ id: 's1', status: 'ERROR', metadata: { trove_instance_id: ONE.id } }] }) })
  t.same(await untilGone(cloud, ONE, Date.now(), new AbortController().signal, () => {}), { nova: 'ERROR' })
})
