import t, { type Test } from 'tap'
import { Value } from 'typebox/value'
import { neutronReadyCollector } from '../../../../diagnosis/collect/whole-cloud/neutron-ready.ts'
import { novaReadyCollector } from '../../../../diagnosis/collect/whole-cloud/nova-ready.ts'
import { troveOfferCollector } from '../../../../diagnosis/collect/whole-cloud/trove-offer.ts'
import { type MachineSeen, NeutronSeen, NovaSeen, TroveSeen } from '../../../../diagnosis/evidence.ts'
import type { Collector } from '../../../../diagnosis/collect/collector.ts'
import type { Source } from '../../../../diagnosis/evidence.ts'
import { PROJECT, standInCloud, type Answering } from '../../../openstack/stand-in-cloud.ts'
import { INSTANCE } from '../context.ts'

const SERVICE = 'ed90db7db2704b2d8d45b5255f2de9ff'
const IMAGE = 'ab8ca3c5-73b6-4e06-a8f0-9c5024631b0b'
const VERSION = 'f0b65135-d48f-4ac7-81d9-829922270659'

/** As Trove 18, Glance 25, Nova 26, Neutron 21 and Keystone 22 answered an admin. */
const ANSWERS: Record<string, Answering> = {
  [`GET /v1.0/${PROJECT}/datastores`]: () => ({
    datastores: [
      {
        id: '8b990004-3aab-4d9b-a0fe-11999bd96aab',
        name: 'mysql',
        default_version: VERSION,
        versions: [
          { id: VERSION, name: '5.7.29', version: '5.7.29', links: [], active: 1, packages: '', image: IMAGE, image_tags: [] },
          { id: 'by-tags', name: '8.0', version: '8.0', links: [], active: 1, packages: '', image: '', image_tags: ['trove', 'mysql'] },
          { id: 'gone', name: '8.4', version: '8.4', links: [], active: 0, packages: '', image: 'no-such-image', image_tags: [''] },
        ],
      },
    ],
  }),
  [`GET /image/v2/images/${IMAGE}`]: () => ({ id: IMAGE, name: 'trove-guest', status: 'deactivated', size: 883818496, virtual_size: 4294967297, min_disk: 0, min_ram: 512, tags: [] }),
  'GET /image/v2/images': ({ query }) => ({ images: JSON.stringify((query as { tag: string[] }).tag) === '["trove","mysql"]' ? [{ id: 'tagged', name: null, status: 'active', size: 1, virtual_size: null, min_disk: 8, min_ram: 0 }] : [] }),
  'GET /compute/v2.1/os-services': () => ({ services: [{ binary: 'nova-compute', host: 'labcompute', id: 4, zone: 'nova', status: 'enabled', state: 'up', updated_at: '2026-11-25T17:57:14.000000', disabled_reason: null }] }),
  'GET /compute/v2.1/flavors/detail': () => ({
    flavors: [
      { id: '2', name: 'db.eph', ram: 1024, disk: 6, swap: '', 'OS-FLV-EXT-DATA:ephemeral': 1, 'OS-FLV-DISABLED:disabled': false, vcpus: 2 },
      { id: '3', name: 'off', ram: 1024, disk: 60, swap: '', 'OS-FLV-DISABLED:disabled': true, vcpus: 2 },
    ],
  }),
  'GET /identity/v3/projects': ({ query }) => ({ projects: (query as { name: string }).name === 'service' ? [{ id: SERVICE, name: 'service', domain_id: 'default' }] : [] }),
  'GET /networking/v2.0/agents': () => ({ agents: [{ id: 'a', agent_type: 'DHCP agent', host: 'ctl', alive: false, admin_state_up: true }] }),
}
const left = (limit: number, in_use: number) => ({ limit, in_use, reserved: 1 })
for (const project of [PROJECT, SERVICE]) {
  const used = project === SERVICE ? 7 : 0
  ANSWERS[`GET /compute/v2.1/os-quota-sets/${project}/detail`] = () => ({ quota_set: { id: project, instances: left(10, used), cores: left(20, used), ram: left(-1, used) } })
  ANSWERS[`GET /networking/v2.0/quotas/${project}/details`] = () => ({ quota: { port: { limit: 500, used, reserved: 0 } } })
}

t.test('every datastore version with the image that Trove would boot: by its id, or by its tags', async (t) => {
  const { seen, partly } = await look(t, troveOfferCollector)
  t.same(partly, [])
  t.same([...Value.Errors(TroveSeen, seen)], [])
  t.same(seen, {
    from: 'api',
    login: { project: 'admin', admin: true },
    versions: [
      { id: VERSION, datastore: 'mysql', version: '5.7.29', active: true, default: true, image_id: IMAGE, tags: [], image: { id: IMAGE, name: 'trove-guest', status: 'deactivated', disk: 5, ram: 512 } },
      { id: 'by-tags', datastore: 'mysql', version: '8.0', active: true, default: false, tags: ['trove', 'mysql'], image: { id: 'tagged', status: 'active', disk: 8, ram: 0 } },
      { id: 'gone', datastore: 'mysql', version: '8.4', active: false, default: false, image_id: 'no-such-image', tags: [] },
    ],
  })
})

t.test('Nova’s services, its flavors that can be taken, and the quota of the project that trove.conf names', async (t) => {
  const { seen } = await look(t, novaReadyCollector, 'service')
  t.same([...Value.Errors(NovaSeen, seen)], [])
  t.same(seen, {
    services: [{ binary: 'nova-compute', host: 'labcompute', state: 'up', status: 'enabled' }],
    flavors: [{ id: '2', name: 'db.eph', ram: 1024, disk: 6 }],
    quotas: [
      { project: 'service', resource: 'instances', limit: 10, used: 8 },
      { project: 'service', resource: 'cores', limit: 20, used: 8 },
      { project: 'service', resource: 'ram', limit: -1, used: 8 },
    ],
  })
})

t.test('Neutron’s agents and its quota of ports; where trove.conf is not known, of the project that is logged in', async (t) => {
  const { seen } = await look(t, neutronReadyCollector)
  t.same([...Value.Errors(NeutronSeen, seen)], [])
  t.match(seen, { agents: [{ type: 'DHCP agent', host: 'ctl', alive: false, enabled: true }], quotas: [{ project: 'admin', resource: 'ports', limit: 500, used: 0 }] })
})

t.test('a project that trove.conf names and Keystone does not know leaves the one that is logged in', async (t) => {
  t.match((await look(t, novaReadyCollector, 'elsewhere')).seen.quotas, [{ project: 'admin', used: 1 }, {}, {}])
})

t.test('a Neutron that does not tell what is used leaves the quota out', async (t) => {
  const { seen } = await look(t, neutronReadyCollector, undefined, { [`GET /networking/v2.0/quotas/${PROJECT}/details`]: (_request, reply) => reply.code(404).send({}) })
  t.equal(seen.quotas, undefined)
})

t.test('who is no admin is told what to type, by each', async (t) => {
  const { seen, partly } = await look(t, troveOfferCollector, undefined, {}, ['member'])
  t.same(seen, { from: 'api', login: { project: 'admin', admin: false } })
  t.match(partly, [/export OS_CLOUD=… of an admin/])
  await t.rejects(look(t, novaReadyCollector, undefined, {}, ['member']), { name: 'CannotSee', message: /admins alone.*OS_CLOUD/ })
  await t.rejects(look(t, neutronReadyCollector, undefined, {}, ['member']), { name: 'CannotSee', message: /admins alone.*OS_CLOUD/ })
})

t.test('a service that refuses is what could not be seen', async (t) => {
  await t.rejects(look(t, novaReadyCollector, undefined, { 'GET /compute/v2.1/os-services': (_request, reply) => reply.code(500).send({}) }), { name: 'CannotSee', message: /Nova answers GET \/os-services with 500/ })
})

/** @param project that trove.conf names for Trove's servers */
async function look<S extends Source>(t: Test, make: (cloud: Awaited<ReturnType<typeof standInCloud>>['cloud']) => Collector<S>, project?: string, differs: Record<string, Answering> = {}, roles = ['admin']) {
  const routes = { ...ANSWERS, ...differs }
  const { cloud, settings } = await standInCloud(t, routes, { roles })
  Object.assign(settings.endpoints, { identity: settings.authUrl })
  const partly: string[] = []
  const machine = { trove_conf: { options: project === undefined ? {} : { 'service_credentials.project_name': project } } } as unknown as MachineSeen
  const seen = await make(cloud).collect({ instance: INSTANCE }, { signal: AbortSignal.timeout(10_000), seenBy: async () => machine as never, partly: (why) => void partly.push(why) })
  return { seen, partly }
}
