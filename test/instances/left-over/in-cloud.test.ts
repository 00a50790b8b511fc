import { randomUUID } from 'node:crypto'
import t from 'tap'
import { leftVolumes } from '../../../instances/left-over/in-cinder.ts'
import { leftPorts, leftSecurityGroups } from '../../../instances/left-over/in-neutron.ts'
import { leftInNova, serverMayRun } from '../../../instances/left-over/in-nova.ts'
import { findLeftOvers, removeLeftOvers } from '../../../instances/left-over/left-over.ts'
import { patience, PROJECT, standInCloud, type Answering } from '../../openstack/stand-in-cloud.ts'

const ID = '3f744523-437f-442a-929b-c7274d737d60'
const NETWORK = '/networking/v2.0'
const gone: Answering = async (_, reply) => reply.code(204).send()

/** Lists filter as the real services do: by what the query says. */
const listed = (key: string, field: string, all: readonly Record<string, unknown>[]): Answering => (request) => ({ [key]: all.filter((one) => one[field] === (request.query as Record<string, string>)[field]) })

t.test('what an instance left in the cloud is found by the names that Trove gives, with what to type', async (t) => {
  const { cloud, asked } = await standInCloud(t, {
    'GET /compute/v2.1/servers/detail': () => ({ servers: [{ id: 's1', name: 'db-1', status: 'ERROR', 'OS-EXT-STS:task_state': 'deleting', metadata: { trove_instance_id: ID } }, { id: 's2', name: 'db-1', status: 'ACTIVE', metadata: { trove_instance_id: 'other' } }] }),
    [`GET ${NETWORK}/ports`]: listed('ports', 'name', [{ id: 'p1', name: `trove-${ID}`, status: 'DOWN', network_id: 'n', fixed_ips: [{ ip_address: '10.98.0.12' }] }, { id: 'p2', name: 'trove-other', status: 'ACTIVE', network_id: 'n', fixed_ips: [] }]),
    [`GET ${NETWORK}/security-groups`]: listed('security_groups', 'description', [{ id: 'g1', name: `my_prefix-${ID}`, description: `Security group for trove instance ${ID}` }]),
    [`GET /volume/v3/${PROJECT}/volumes/detail`]: listed('volumes', 'name', [{ id: 'v1', name: `trove-${ID}`, status: 'available', size: 2 }]),
    [`DELETE ${NETWORK}/ports/p1`]: gone,
    [`DELETE ${NETWORK}/security-groups/g1`]: async (_, reply) => reply.code(409).send({ NeutronError: { message: 'Security Group g1 in use.' } }),
    'DELETE /compute/v2.1/servers/s1': gone,
    [`DELETE /volume/v3/${PROJECT}/volumes/v1`]: async (_, reply) => reply.code(202).send(),
  })
  const places = { Nova: leftInNova(cloud, ID, undefined), ports: leftPorts(cloud, ID), groups: leftSecurityGroups(cloud, ID), Cinder: leftVolumes(cloud, ID) }
  const { left, unseen } = await findLeftOvers(places, patience)
  t.same(unseen, [])
  t.match(left, [
    { what: 'server s1 (ERROR, deleting)', command: 'openstack server delete s1' },
    { what: 'port p1 (10.98.0.12)', command: 'openstack port delete p1' },
    { what: `security group my_prefix-${ID}`, command: 'openstack security group delete g1' },
    { what: 'volume v1 (2 GiB, available: the data of the database)', command: 'openstack volume delete v1' },
  ])
  t.ok(asked.some(({ url }) => url.includes('all_tenants=1')), 'an admin looks in all projects')
  t.notOk(asked.some(({ method }) => method === 'DELETE'), 'looking removes nothing')
  t.equal(await serverMayRun(cloud, ID, 'db-1', patience()), true)
  t.equal(await serverMayRun(cloud, randomUUID(), 'db-1', patience()), false)
  const { removed, stay } = await removeLeftOvers(left, patience, () => {})
  t.same(removed, [left[0], left[1], left[3]])
  t.match(stay, [{ left: left[2], why: /^Neutron answers DELETE .* with 409: Security Group g1 in use\.$/ }])
})

t.test('a place where nobody can look does not hide the others', async (t) => {
  const { cloud } = await standInCloud(t, { [`GET ${NETWORK}/ports`]: () => ({ ports: [{ id: 'p1', status: 'DOWN', network_id: 'n', fixed_ips: [] }] }), [`GET /volume/v3/${PROJECT}/volumes/detail`]: async (_, reply) => reply.code(500).send({}) })
  const { left, unseen } = await findLeftOvers({ Cinder: leftVolumes(cloud, ID), ports: leftPorts(cloud, ID), RabbitMQ: () => Promise.reject(new Error('connection refused: 10.0.0.1:5672')) }, patience)
  t.match(left, [{ what: 'port p1 (no address)' }])
  t.match(unseen, [/^Cinder: Cinder answers GET .* with 500/, 'RabbitMQ: connection refused: 10.0.0.1:5672'])
})
