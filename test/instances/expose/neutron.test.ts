import t from 'tap'
import { planExpose } from '../../../instances/expose/expose.ts'
import type { Exposable } from '../../../instances/expose/exposable.ts'
import { performAll } from '../../../instances/expose/operation.ts'
import { unexposeOperations } from '../../../instances/expose/undo-exposure.ts'
import { mysql } from '../../../instances/greeting/mysql.ts'
import { patience, PROJECT, standInCloud, type Answering, type StandIn } from '../../openstack/stand-in-cloud.ts'

const ID = 'f0000000-0000-4000-8000-000000000001'
const MARK = `trovestrap ${ID}`
const DB: Exposable = { instance: { id: ID, name: 'db-1' }, protocol: mysql, port: { id: 'port-1', status: 'ACTIVE', network_id: 'net-1', fixed_ips: [{ ip_address: '10.0.0.5' }], security_groups: ['group-1'] }, address: '10.0.0.5' }
const V2 = '/networking/v2.0'

/** A Neutron with an external network, a router that leads there, and the instance's own group, which lets nobody in. */
function neutron(more: Readonly<Record<string, Answering>> = {}, { forwards = true, floatingips = [] as object[] } = {}): Record<string, Answering> {
  return {
    [`GET ${V2}/extensions`]: () => ({ extensions: (forwards ? ['floating-ip-port-forwarding', 'floating-ip-port-forwarding-description'] : ['router']).map((alias) => ({ alias })) }),
    [`GET ${V2}/networks`]: () => ({ networks: [{ id: 'ext-1', name: 'public' }] }),
    [`GET ${V2}/ports`]: () => ({ ports: [{ id: 'r-1', status: 'ACTIVE', network_id: 'net-1', fixed_ips: [], device_owner: 'network:router_interface', device_id: 'router-1' }] }),
    [`GET ${V2}/routers`]: () => ({ routers: [{ id: 'router-1', external_gateway_info: { network_id: 'ext-1' } }] }),
    [`GET ${V2}/floatingips`]: () => ({ floatingips }),
    [`GET ${V2}/security-group-rules`]: () => ({ security_group_rules: [] }),
    [`GET ${V2}/security-groups`]: () => ({ security_groups: [{ id: 'group-1', name: `trove_sg-${ID}` }] }),
    [`POST ${V2}/floatingips`]: (request, reply) => reply.code(201).send({ floatingip: { id: 'fip-1', floating_ip_address: '203.0.113.9', floating_network_id: 'ext-1', ...(request.body as { floatingip: object }).floatingip } }),
    [`POST ${V2}/floatingips/fip-1/port_forwardings`]: (request, reply) => reply.code(201).send({ port_forwarding: { id: 'pf-1', ...(request.body as { port_forwarding: object }).port_forwarding } }),
    [`POST ${V2}/security-group-rules`]: (_request, reply) => reply.code(201).send({ security_group_rule: { id: 'rule-1' } }),
    [`DELETE ${V2}/floatingips/fip-1`]: (_request, reply) => reply.code(204).send(),
    [`DELETE ${V2}/floatingips/fip-1/port_forwardings/pf-1`]: (_request, reply) => reply.code(204).send(),
    [`PUT ${V2}/floatingips/fip-1`]: (request) => ({ floatingip: { id: 'fip-1', floating_ip_address: '203.0.113.9', floating_network_id: 'ext-1', ...(request.body as { floatingip: object }).floatingip } }),
    ...more,
  }
}

const changes = ({ asked }: StandIn): string[] => asked.filter(({ method, url }) => method !== 'GET' && !url.includes('/auth/')).map(({ method, url }) => `${method} ${url.replace(V2, '')}`)

t.test('an address, a forwarding and a rule are made, each with the mark of the instance', async (t) => {
  const stand = await standInCloud(t, neutron())
  const plan = await planExpose(stand.cloud, DB, { port: 3307 }, patience())
  t.same(changes(stand), [], 'planning changes nothing')
  await performAll(plan.operations, patience(), patience)
  t.equal(plan.address(), '203.0.113.9')
  t.same(changes(stand), ['POST /floatingips', 'POST /floatingips/fip-1/port_forwardings', 'POST /security-group-rules'])
  const bodies = stand.asked.filter(({ method, url }) => method === 'POST' && url.startsWith(V2)).map(({ body }) => Object.values(body as object)[0] as object)
  t.match(bodies, [{ floating_network_id: 'ext-1', description: MARK }, { external_port: 3307, internal_port: 3306, internal_port_id: 'port-1', internal_ip_address: '10.0.0.5', description: MARK }, { port_range_min: 3306, port_range_max: 3306, direction: 'ingress', description: MARK }])
})

t.test('where the forwarding is refused, the address that was made for it is given back', async (t) => {
  const stand = await standInCloud(t, neutron({ [`POST ${V2}/floatingips/fip-1/port_forwardings`]: (_request, reply) => reply.code(409).send({ NeutronError: { message: 'Quota exceeded' } }) }))
  const { operations } = await planExpose(stand.cloud, DB, {}, patience())
  await t.rejects(performAll(operations, patience(), patience), { name: 'Refusal', kind: 'failed', message: /409: Quota exceeded; nothing is left of what was begun/ })
  t.same(changes(stand), ['POST /floatingips', 'POST /floatingips/fip-1/port_forwardings', 'DELETE /floatingips/fip-1'])
})

t.test('what could not be given back is said', async (t) => {
  const stand = await standInCloud(t, neutron({ [`POST ${V2}/floatingips/fip-1/port_forwardings`]: (_request, reply) => reply.code(500).send({}), [`DELETE ${V2}/floatingips/fip-1`]: (_request, reply) => reply.code(500).send({}) }))
  const { operations } = await planExpose(stand.cloud, DB, {}, patience())
  await t.rejects(performAll(operations, patience(), patience), { message: /this was done before it, and stands; .*:\n {2}openstack floating ip create public/ })
})

t.test('an address that was there leads to the database as a whole, and gets its own description back', async (t) => {
  const free = { id: 'fip-1', floating_ip_address: '203.0.113.9', floating_network_id: 'ext-1', project_id: PROJECT, port_id: null, description: "the boss's" }
  const stand = await standInCloud(t, neutron({}, { forwards: false, floatingips: [free] }))
  await performAll((await planExpose(stand.cloud, DB, {}, patience())).operations, patience(), patience)
  const before = `${MARK}, before: the boss's`
  t.match(stand.asked.find(({ method }) => method === 'PUT')!.body, { floatingip: { port_id: 'port-1', fixed_ip_address: '10.0.0.5', description: before } })

  const later = await standInCloud(t, neutron({}, { forwards: false, floatingips: [{ ...free, port_id: 'port-1', description: before }] }))
  await performAll(await unexposeOperations(later.cloud, ID, patience()), patience(), patience)
  t.same(changes(later), ['PUT /floatingips/fip-1'])
  t.match(later.asked.find(({ method }) => method === 'PUT')!.body, { floatingip: { port_id: null, description: "the boss's" } })
})

t.test('unexpose takes exactly what is marked, and an address that leads to others as well stays', async (t) => {
  const own = { id: 'fip-1', floating_ip_address: '203.0.113.9', floating_network_id: 'ext-1', project_id: PROJECT, port_id: null, description: MARK }
  const pf = (id: string, description: string): object => ({ id, protocol: 'tcp', external_port: 3307, internal_port: 3306, internal_port_id: 'port-1', internal_ip_address: '10.0.0.5', description })
  const answers = (forwardings: object[]): Record<string, Answering> => ({ [`GET ${V2}/floatingips/fip-1/port_forwardings`]: () => ({ port_forwardings: forwardings }) })
  const alone = await standInCloud(t, neutron(answers([pf('pf-1', MARK)]), { floatingips: [own] }))
  await performAll(await unexposeOperations(alone.cloud, ID, patience()), patience(), patience)
  t.same(changes(alone), ['DELETE /floatingips/fip-1/port_forwardings/pf-1', 'DELETE /floatingips/fip-1'])

  const half = await standInCloud(t, neutron({ ...answers([pf('pf-1', MARK)]), [`DELETE ${V2}/floatingips/fip-1`]: (_request, reply) => reply.code(503).send({}) }, { floatingips: [own] }))
  await t.rejects(performAll(await unexposeOperations(half.cloud, ID, patience()), patience(), patience), { message: /503.*; this was done before it, and stands; the same command goes on from here:\n {2}openstack floating ip port forwarding delete 203\.0\.113\.9 pf-1$/ })

  const shared = await standInCloud(t, neutron(answers([pf('pf-1', MARK), pf('pf-2', 'trovestrap another')]), { floatingips: [own] }))
  t.same((await unexposeOperations(shared.cloud, ID, patience())).map(({ words }) => words), ['openstack floating ip port forwarding delete 203.0.113.9 pf-1'])

  const nothing = await standInCloud(t, neutron())
  t.same(await unexposeOperations(nothing.cloud, ID, patience()), [])
})

t.test('a group that is shared is not opened by the way: it is told what to type', async (t) => {
  const stand = await standInCloud(t, neutron({ [`GET ${V2}/security-groups`]: () => ({ security_groups: [{ id: 'group-1', name: 'default' }] }) }))
  const plan = await planExpose(stand.cloud, DB, {}, patience())
  t.match(plan.advice, /none is its alone\n {2}openstack security group rule create default --protocol tcp --dst-port 3306/)
  t.notMatch(plan.operations.map(({ words }) => words).join(), 'security group')
})
