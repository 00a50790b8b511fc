import t from 'tap'
import { chooseWay, type AskedWay } from '../../../instances/expose/choose-way.ts'
import type { Exposable } from '../../../instances/expose/exposable.ts'
import type { Floating, NeutronWays } from '../../../instances/expose/floating.ts'
import { mysql } from '../../../instances/greeting/mysql.ts'
import { Refusal } from '../../../instances/refusal.ts'

const ID = 'f0000000-0000-4000-8000-000000000001'
const DB: Exposable = { instance: { id: ID, name: 'db-1' }, protocol: mysql, port: { id: 'port-1', status: 'ACTIVE', network_id: 'net-1', fixed_ips: [{ ip_address: '10.0.0.5' }] }, address: '10.0.0.5' }
const PUBLIC = { id: 'ext-1', name: 'public' }

function floating(more: Partial<Floating> = {}): Floating {
  return { id: 'fip-1', floating_ip_address: '203.0.113.9', floating_network_id: 'ext-1', project_id: 'mine', forwardings: [], ...more }
}

function forwarding(external_port: number, internal_port_id = 'port-2'): Floating['forwardings'][number] {
  return { id: `pf-${external_port}`, protocol: 'tcp', external_port, internal_port: 3306, internal_port_id, internal_ip_address: '10.0.0.6' }
}

const WAYS: NeutronWays = { forwards: true, externals: [PUBLIC], routed: ['ext-1'], floating: [], projectId: 'mine' }

t.test('a single port is forwarded where Neutron can, from a free address or a new one', async (t) => {
  t.match(chooseWay({ port: 3307 }, DB, WAYS), { kind: 'port-forwarding', port: 3307, from: { network: 'ext-1', pool: 'public' }, isThere: false })
  t.match(chooseWay({}, DB, { ...WAYS, floating: [floating()] }), { kind: 'port-forwarding', port: 3306, from: { floating: { id: 'fip-1' } } })
  for (const taken of [floating({ port_id: 'port-9' }), floating({ forwardings: [forwarding(3306)] }), floating({ project_id: 'theirs' }), floating({ floating_network_id: 'ext-2' })]) {
    t.match(chooseWay({}, DB, { ...WAYS, floating: [taken] }), { from: { network: 'ext-1' } }, 'somebody uses that one')
  }
  t.match(chooseWay({}, DB, { ...WAYS, forwards: false }), { kind: 'floating-ip', port: 3306 })
  t.match(chooseWay({ address: '203.0.113.9', port: 3307 }, DB, { ...WAYS, floating: [floating({ forwardings: [forwarding(3306)] })] }), { from: { floating: { id: 'fip-1' } }, port: 3307 }, 'an address that is named may be shared')
  t.match(chooseWay({}, DB, { ...WAYS, externals: [{ id: 'ext-0', name: 'other' }, PUBLIC] }), { from: { pool: 'public' } }, 'the one that a router leads to')
})

t.test('what is exposed already is found again, whichever way it is', async (t) => {
  const forwarded = { ...WAYS, floating: [floating({ forwardings: [forwarding(3307, 'port-1')] })] }
  t.match(chooseWay({}, DB, forwarded), { isThere: true, kind: 'port-forwarding', port: 3307 })
  t.match(chooseWay({ port: 3307, address: 'public' }, DB, forwarded), { isThere: true })
  t.match(chooseWay({}, DB, { ...WAYS, floating: [floating({ port_id: 'port-1', project_id: 'theirs' })] }), { isThere: true, kind: 'floating-ip', port: 3306 }, "also by Trove's own floating address")
})

t.test('what cannot be is one line and what to type', async (t) => {
  const shared = { ...WAYS, floating: [floating({ forwardings: [forwarding(3306), forwarding(3307)] })] }
  const bad: [AskedWay, NeutronWays, RegExp][] = [
    [{}, { ...WAYS, externals: [] }, /no external network.*\n {2}trovestrap expose \S+ --host/],
    [{ address: 'nix' }, WAYS, /expected an external network or a floating address for --address, got "nix"; there is public/],
    [{ address: '203.0.113.9' }, WAYS, /no floating address 203\.0\.113\.9; it may be another project's\n {2}openstack floating ip list/],
    [{ address: '203.0.113.9' }, { ...WAYS, floating: [floating({ project_id: 'theirs' })] }, /is of project theirs, and project mine is logged in/],
    [{ address: '203.0.113.9' }, { ...WAYS, floating: [floating({ port_id: 'port-9' })] }, /leads to port port-9 as a whole/],
    [{ address: '203.0.113.9' }, shared, /port 3306 of 203\.0\.113\.9 leads to 10\.0\.0\.6:3306 already\n {2}trovestrap expose \S+ --address 203\.0\.113\.9 --port 3308/],
    [{ port: 3307 }, { ...WAYS, forwards: false }, /forwards no single ports.*port 3307 cannot lead to port 3306\n/],
    [{}, { ...WAYS, routed: [] }, /no router leads from the network of db-1 .* to public\n {2}openstack router set/],
    [{}, { ...WAYS, routed: undefined, externals: [PUBLIC, { id: 'ext-2', name: 'campus' }] }, /2 external networks: public, campus\n/],
    [{ port: 3308 }, { ...WAYS, floating: [floating({ forwardings: [forwarding(3307, 'port-1')] })] }, /is exposed already, at 203\.0\.113\.9:3307 .*\n {2}trovestrap unexpose/],
  ]
  for (const [asked, ways, told] of bad) {
    t.throws(() => chooseWay(asked, DB, ways), told)
    t.throws(() => chooseWay(asked, DB, ways), Refusal)
  }
})
