import t from 'tap'
import { neutronCollector } from '../../../diagnosis/collect/neutron.ts'
import { standInCloud } from '../../openstack/stand-in-cloud.ts'
import { INSTANCE } from './context.ts'
import { ADMIN, lookBeside, NEUTRON, recorded, SERVER, TROVE_SEEN } from './openstack/recorded.ts'

const GROUP = '44699604-2ccb-400d-aacf-36dbd67f602f'
const MGMT = '4cf36795-7abf-47b1-8b3b-d660f52d20c6'
const USER = '4461c8f5-4788-4919-bcb9-8d44b3489b3c'

t.test('the ports that Trove made, what their group lets through, and their networks', async (t) => {
  const { cloud, asked } = await standInCloud(t, ADMIN)
  t.same((await lookBeside(neutronCollector(cloud))).seen, {
    ports: [
      { id: '32dbec40-513f-40f3-813c-6d209f580548', status: 'ACTIVE', addresses: ['10.99.0.180'], network: MGMT, binding: 'bridge', security_groups: [GROUP] },
      { id: 'e69a7bbd-5e87-4358-a69f-70130043feb4', status: 'ACTIVE', addresses: ['10.98.0.137'], network: USER, binding: 'bridge', security_groups: [GROUP] },
    ],
    rules: [
      { group: GROUP, direction: 'egress', remote: '0.0.0.0/0' },
      { group: GROUP, direction: 'ingress', protocol: 'tcp', from: 3306, to: 3306, remote: '0.0.0.0/0' },
      { group: GROUP, direction: 'egress', remote: '::/0' },
    ],
    networks: [{ id: MGMT, name: 'mgmt', mtu: 1500, dhcp: true }],
  })
  t.same(
    asked.slice(1).map(({ url }) => url).sort(),
    [
      `${NEUTRON}/networks?id=${MGMT}&id=${USER}`,
      `${NEUTRON}/ports?name=trove-${INSTANCE}`,
      `${NEUTRON}/security-group-rules?security_group_id=${GROUP}`,
      `${NEUTRON}/subnets?network_id=${MGMT}&network_id=${USER}`,
    ],
  )
})

t.test('ports that came with the server are found by it', async (t) => {
  const { cloud } = await standInCloud(t, {
    ...ADMIN,
    [`GET ${NEUTRON}/ports`]: ({ url }) => (url.endsWith(`device_id=${SERVER}`) ? recorded('ports') : { ports: [] }),
  })
  t.equal((await lookBeside(neutronCollector(cloud), TROVE_SEEN)).seen.ports.length, 2)
})

t.test('a port whose binding failed and that has no group, a network without DHCP', async (t) => {
  const { ports } = recorded('ports') as unknown as { ports: Record<string, unknown>[] }
  const { subnets } = recorded('subnets') as unknown as { subnets: Record<string, unknown>[] }
  const { cloud } = await standInCloud(t, {
    ...ADMIN,
    [`GET ${NEUTRON}/ports`]: () => ({ ports: [{ ...ports[0], status: 'DOWN', 'binding:vif_type': 'binding_failed', security_groups: null }] }),
    [`GET ${NEUTRON}/subnets`]: () => ({ subnets: [{ ...subnets[0], enable_dhcp: false }] }),
  })
  const { seen } = await lookBeside(neutronCollector(cloud))
  t.match(seen.ports, [{ status: 'DOWN', binding: 'binding_failed', security_groups: [] }])
  t.match(seen.networks, [{ dhcp: false }])
  t.same(seen.rules, [], 'nobody asks for the rules of no group, which would be everybody’s')
})

t.test('a rule for a group is not one for everybody', async (t) => {
  const rule = { security_group_id: GROUP, direction: 'ingress', ethertype: 'IPv4', protocol: 'icmp' }
  const { cloud } = await standInCloud(t, {
    ...ADMIN,
    [`GET ${NEUTRON}/security-group-rules`]: () => ({ security_group_rules: [{ ...rule, remote_group_id: 'g2' }, { ...rule, remote_address_group_id: 'a1' }] }),
  })
  t.match((await lookBeside(neutronCollector(cloud))).seen.rules, [{ protocol: 'icmp', remote: 'g2' }, { remote: 'a1' }])
})

t.test('no port is evidence to an admin, and nothing to others', async (t) => {
  const none = { [`GET ${NEUTRON}/ports`]: () => ({ ports: [] }) }
  const admin = await standInCloud(t, none)
  t.same((await lookBeside(neutronCollector(admin.cloud))).seen, { ports: [], rules: [], networks: [] })
  const member = await standInCloud(t, none, { roles: ['member'] })
  await t.rejects(lookBeside(neutronCollector(member.cloud)), { name: 'CannotSee', message: /^Neutron shows project admin no port of this instance/ })
})
