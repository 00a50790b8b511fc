import t from 'tap'
import { deletedInstance, findInstance } from '../../instances/find-instance.ts'
import { patience, PROJECT, standInCloud } from '../openstack/stand-in-cloud.ts'

const ONE = { id: '3f744523-437f-442a-929b-c7274d737d60', name: 'db-1', status: 'ACTIVE' }
const TWIN = { id: '3f744523-537f-442a-929b-c7274d737d61', name: 'db-1', status: 'BUILD' }
const OTHER = { id: 'aaaaaaaa-437f-442a-929b-c7274d737d62', name: 'theirs', status: 'ACTIVE', tenant_id: 'their-project', deleted: false }
const GONE = { id: 'bbbbbbbb-437f-442a-929b-c7274d737d63', name: 'gone', status: 'ACTIVE', tenant_id: PROJECT, deleted: true }
const OWN = `GET /v1.0/${PROJECT}/instances/detail`
const ALL = `GET /v1.0/${PROJECT}/mgmt/instances`

const cloudWith = (t: Parameters<typeof standInCloud>[0], own: object[], roles = ['admin']) =>
  standInCloud(t, { [OWN]: () => ({ instances: own }), [ALL]: () => ({ instances: [...own, OTHER, GONE] }) }, { roles })

t.test('an instance is found by its id, the beginning of it in either case, and its name', async (t) => {
  const { cloud } = await cloudWith(t, [ONE])
  for (const words of [ONE.id, ONE.id.toUpperCase(), '3f744523', '3F744523-4', 'db-1']) t.match(await findInstance(cloud, words, patience()), ONE, words)
})

t.test('words that fit two are refused with both ids', async (t) => {
  const { cloud } = await cloudWith(t, [ONE, TWIN])
  for (const words of ['db-1', '3f744523']) await t.rejects(findInstance(cloud, words, patience()), { name: 'Refusal', kind: 'usage', message: `${words} fits 2 instances: ${ONE.id} (db-1), ${TWIN.id} (db-1).\n  Type more of the id.` })
  t.match(await findInstance(cloud, '3f744523-43', patience()), ONE)
  await t.rejects(findInstance(cloud, ' ', patience()), { kind: 'usage', message: 'expected the id or the name of an instance, got an empty word' })
})

t.test('an admin is told whose an instance is, and that one is deleted', async (t) => {
  const { cloud } = await cloudWith(t, [ONE])
  for (const words of ['theirs', OTHER.id]) await t.rejects(findInstance(cloud, words, patience()), { kind: 'usage', message: /^aaaaaaaa-.* \(theirs\) is of project their-project, and project admin is logged in\.\n/ })
  await t.rejects(findInstance(cloud, 'gone', patience()), { kind: 'failed', message: `${GONE.id} (gone) is deleted.` })
  await t.rejects(findInstance(cloud, 'nobody', patience()), { kind: 'failed', message: /^project admin has no instance called nobody, and none whose id begins so\.\n/ })
})

t.test('who is no admin hears that it may be of another project; nothing that an admin alone may ask is asked', async (t) => {
  const { cloud, asked } = await cloudWith(t, [ONE], ['member'])
  await t.rejects(findInstance(cloud, 'theirs', patience()), { kind: 'failed', message: /^project admin has no instance called theirs.*; it may be another project's\.\n/ })
  t.equal(asked.filter(({ url }) => url.includes('/mgmt/')).length, 0)
})

t.test('every page is read, from where the link of the one before says', async (t) => {
  const { cloud } = await standInCloud(t, {
    [OWN]: (request) =>
      (request.query as { marker?: string }).marker === TWIN.id ? { instances: [ONE] } : { instances: [TWIN, { id: 'cc', name: 'x' }], links: [{ rel: 'next', href: `https://elsewhere/v1.0/x/instances/detail?include_clustered=true&marker=${TWIN.id}` }] },
  })
  t.match(await findInstance(cloud, ONE.id.slice(0, 13), patience()), ONE)
})

t.test('of those that are deleted the last one is meant, and none while one lives that fits', async (t) => {
  const older = { ...GONE, id: 'bbbbbbbb-437f-442a-929b-c7274d737d64', updated: '2026-11-24T10:00:00' }
  const newer = { ...GONE, updated: '2026-11-25T10:00:00' }
  const routes = (instances: object[]) => ({ [ALL]: () => ({ instances }) })
  const { cloud } = await standInCloud(t, routes([older, newer]))
  t.match(await deletedInstance(cloud, 'gone', patience()), { id: newer.id })
  t.match(await deletedInstance(cloud, older.id, patience()), { id: older.id })
  t.equal(await deletedInstance(cloud, 'nobody', patience()), undefined)
  const { cloud: again } = await standInCloud(t, routes([older, { ...newer, deleted: false }]))
  t.equal(await deletedInstance(again, 'gone', patience()), undefined)
  const { cloud: member } = await standInCloud(t, {}, { roles: ['member'] })
  t.equal(await deletedInstance(member, 'gone', patience()), undefined)
})

t.test('a short word is a name: once its instance is gone it means no other one whose id happens to begin so', async (t) => {
  const orders = { ...ONE, id: 'db7f00aa-437f-442a-929b-c7274d737d65', name: 'orders' }
  const { cloud } = await cloudWith(t, [orders])
  await t.rejects(findInstance(cloud, 'db', patience()), { kind: 'failed', message: /no instance called db, and none whose id begins so \(8 digits are the least\)/ })
  t.match(await findInstance(cloud, 'db7f00aa', patience()), { name: 'orders' })
})
