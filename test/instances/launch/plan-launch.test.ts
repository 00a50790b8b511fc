import t, { type Test } from 'tap'
import { planLaunch } from '../../../instances/launch/plan-launch.ts'
import type { LaunchWish } from '../../../instances/launch/wish.ts'
import { patience, standInCloud, type Answering } from '../../openstack/stand-in-cloud.ts'
import { AT, DATASTORE, IMAGE, routes, SMALL, LARGE, VERSION, USERS } from './whole-cloud.ts'

const WISH: LaunchWish = { name: 'db-1', datastore: 'mysql', flavor: 'large', databases: [], users: [] }

async function plan(t: Test, wish: Partial<LaunchWish> = {}, changed: Readonly<Record<string, Answering>> = {}, roles = ['admin']) {
  const { cloud, asked } = await standInCloud(t, { ...routes(), ...changed }, { roles })
  const planned = planLaunch(cloud, { ...WISH, ...wish }, patience())
  await planned.catch(() => {})
  t.same(asked.filter(({ method, url }) => method !== 'GET' && !url.endsWith('/auth/tokens')), [], 'a plan changes nothing')
  return planned
}

t.test('names and ids become what Trove is asked for', async (t) => {
  const planned = await plan(t, { network: 'users' })
  t.match(planned, { project: 'admin', datastore: { name: 'mysql' }, version: { id: VERSION.id }, flavor: { str_id: LARGE.str_id }, image: { id: IMAGE.id }, network: { id: USERS.id }, warnings: [] })
  t.match(await plan(t, { version: VERSION.name, flavor: LARGE.str_id, network: USERS.id }), { version: { id: VERSION.id }, flavor: { name: 'large' }, network: { id: USERS.id } })
})

t.test('what there is not is refused with what there is', async (t) => {
  const table: [Partial<LaunchWish>, RegExp][] = [
    [{ datastore: 'pg' }, /^no datastore is called pg; there are mysql\.$/],
    [{ version: '9' }, /^no version of mysql is called 9; there are 5\.7\.29, old\.$/],
    [{ flavor: 'huge' }, /^no flavor that mysql 5\.7\.29 takes is called huge; there are small, large\.$/],
    [{ network: 'nowhere' }, /^no network is called nowhere\.$/],
  ]
  for (const [wish, message] of table) await t.rejects(plan(t, wish), { name: 'Refusal', kind: 'usage', message })
})

t.test('two of a name are both named', async (t) => {
  const twins = [USERS, { ...USERS, id: '22222222-0000-4000-8000-000000000002' }]
  await t.rejects(plan(t, { network: 'users' }, { 'GET /networking/v2.0/networks': (request) => ({ networks: (request.query as { name?: string }).name === undefined ? [] : twins }) }), {
    message: `users fits 2 networks: ${twins[0]!.id} (users), ${twins[1]!.id} (users).\n  Type the id.`,
  })
})

t.test('an inactive version is refused with what makes it active; to others than admins it is not there', async (t) => {
  await t.rejects(plan(t, { version: 'old' }), { message: /^mysql old is not active: Trove makes no instance of it\.\n  openstack datastore version set .* --enable$/ })
})

t.test('a flavor whose disk is smaller than the image is refused, and those that are large enough are named', async (t) => {
  await t.rejects(plan(t, { flavor: 'small' }), { message: `flavor small has a disk of 2 GiB, and image trove-guest (${IMAGE.id}) needs 4 GiB (its disk).\n  large enough: large` })
  const minimal = { ...IMAGE, virtual_size: null, min_disk: 3 }
  await t.rejects(plan(t, { flavor: 'small' }, { [AT.image]: () => minimal }), { message: /needs 3 GiB \(min_disk\)/ })
  await t.rejects(plan(t, { flavor: 'large' }, { [AT.image]: () => ({ ...IMAGE, min_ram: 4096 }) }), { message: /has a memory of 2048 MiB, and image .* wants 4096 MiB \(min_ram\)\.\n  no flavor is large enough: openstack flavor create/ })
  t.match(await plan(t, { flavor: 'small' }, { [AT.flavors]: () => ({ flavors: [{ ...SMALL, disk: 0 }] }) }), { flavor: { name: 'small' } }, 'a disk of 0 is as large as the image')
})

t.test('an image that cannot be booted is refused', async (t) => {
  await t.rejects(plan(t, {}, { [AT.image]: () => ({ ...IMAGE, status: 'deactivated' }) }), { message: /is deactivated, not active: Nova does not boot it\.\n  openstack image set --activate/ })
  await t.rejects(plan(t, {}, { [AT.image]: async (_, reply) => reply.code(404).send('') }), { message: /^the image of mysql 5\.7\.29, .*, is not in Glance\.\n  trovestrap image publish/ })
})

t.test('a version that has tags takes the newest image that has them all', async (t) => {
  const tagged = { ...VERSION, image: null, image_tags: ['trove', 'mysql'] }
  const stores = { [AT.datastores]: () => ({ datastores: [{ ...DATASTORE, default_version: tagged.id, versions: [tagged] }] }) }
  const images: Answering = (request) => {
    t.equal(request.url.split('?')[1], 'tag=trove&tag=mysql&status=active&sort=created_at%3Adesc&limit=1')
    return { images: [IMAGE] }
  }
  t.match(await plan(t, {}, { ...stores, 'GET /image/v2/images': images }), { image: { id: IMAGE.id } })
  await t.rejects(plan(t, {}, { ...stores, 'GET /image/v2/images': () => ({ images: [] }) }), { message: /^no active image in Glance has the tags trove, mysql, of which mysql 5\.7\.29 takes the newest\./ })
})

t.test("Trove's quota is a reason to stop; Nova's, of which it is not known whether it counts, is said", async (t) => {
  const full = (resource: string, limit: number) => ({ [AT.quotas]: () => ({ quotas: [{ resource, in_use: limit, reserved: 0, limit }] }) })
  await t.rejects(plan(t, {}, full('instances', 10)), { message: /^Trove's quota of instances for project admin is used up: 10 of 10 are taken, and 1 more are wanted\.\n  openstack database quota update \S+ instances 11/ })
  await t.rejects(plan(t, { size: 5 }, full('volumes', 40)), { message: /^Trove's quota of volumes .*: 40 of 40 GiB are taken, and 5 GiB more/ })
  t.match(await plan(t, {}, full('volumes', 40)), { warnings: [] }, 'without a volume its quota does not count')
  t.match(await plan(t, {}, full('instances', -1)), { warnings: [] }, 'no limit')
  const limits = { limits: { absolute: { maxTotalInstances: 10, totalInstancesUsed: 10, maxTotalCores: -1, totalCoresUsed: 99, maxTotalRAMSize: 51200, totalRAMUsed: 0 } } }
  t.match(await plan(t, {}, { [AT.limits]: () => limits }), { warnings: [/^Nova's quota for project admin has 10 of 10 servers taken, and this wants 1 more/] })
})

t.test('a quota that cannot be asked for is said, and no reason to stop', async (t) => {
  t.match(await plan(t, {}, { [AT.quotas]: async (_, reply) => reply.code(403).send({ forbidden: { message: 'no' } }) }), { warnings: [/^Trove's quota is not checked: Trove answers GET .* with 403: no/] })
})

t.test('a network without a subnet, or one that is down, gives no address', async (t) => {
  const network = (change: object): Record<string, Answering> => ({ 'GET /networking/v2.0/networks': () => ({ networks: [{ ...USERS, ...change }] }) })
  await t.rejects(plan(t, { network: 'users' }, network({ subnets: [] })), { message: /^network users has no subnet/ })
  await t.rejects(plan(t, { network: 'users' }, network({ admin_state_up: false })), { message: /^network users is down/ })
})

t.test('who is no admin is told that the image is not checked', async (t) => {
  const planned = await plan(t, {}, {}, ['member'])
  t.match(planned.warnings, ['the image is not checked: Trove shows to admins alone which one it is'])
  t.equal(planned.image, undefined)
})
