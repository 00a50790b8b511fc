import t from 'tap'
import { addressOf } from '../../openstack/catalogue.ts'
import type { Catalogue } from '../../openstack/identity/log-in.ts'
import { readCloud } from '../../openstack/settings/read-cloud.ts'

const CLOUD = readCloud({ auth: { auth_url: 'http://k', username: 'u', password: 'p' } }, 'a', 'clouds.yaml')
const CATALOGUE: Catalogue = [
  { type: 'database', endpoints: [{ interface: 'public', region: 'R1', url: 'http://t1:8779/v1.0/p' }, { interface: 'internal', region: 'R2', url: 'http://t2:8779/v1.0/p/' }] },
  { type: 'network', endpoints: [{ interface: 'public', region: 'R1', url: 'http://n:9696/' }] },
  { type: 'compute', endpoints: [{ interface: 'public', region: 'R1', url: 'http://c/compute/v2.1' }] },
]

t.test('the address is that of region and interface, with the version where the catalogue leaves it away', async (t) => {
  t.equal(addressOf('database', CATALOGUE, CLOUD), 'http://t1:8779/v1.0/p')
  t.equal(addressOf('database', CATALOGUE, { ...CLOUD, region: 'R2', interface: 'internal' }), 'http://t2:8779/v1.0/p')
  t.equal(addressOf('network', CATALOGUE, CLOUD), 'http://n:9696/v2.0')
  t.equal(addressOf('compute', CATALOGUE, CLOUD), 'http://c/compute/v2.1')
  t.equal(addressOf('database', [], { ...CLOUD, endpoints: { database: 'http://own/v1.0/p/' } }), 'http://own/v1.0/p')
  for (const [written, asked] of [['http://c:8774', 'http://c:8774/v2.1'], ['http://c:8774/v2.1/abc', 'http://c:8774/v2.1/abc'], ['http://c/v2', 'http://c/v2']] as const) {
    t.equal(addressOf('compute', [{ type: 'compute', endpoints: [{ interface: 'public', url: written }] }], CLOUD), asked)
  }
})

t.test('what is missing is said with what is there', async (t) => {
  t.throws(() => addressOf('network', [], CLOUD), { message: 'the catalogue has no Neutron (type network); openstack catalog list shows what it has' })
  t.throws(() => addressOf('network', CATALOGUE, { ...CLOUD, region: 'R9' }), { message: 'the catalogue has Neutron (type network) in R1, not in region R9: region_name in clouds.yaml, or OS_REGION_NAME' })
  t.throws(() => addressOf('network', CATALOGUE, { ...CLOUD, interface: 'admin' }), { message: 'the catalogue has Neutron (type network) as public, not as admin: interface in clouds.yaml, or OS_INTERFACE' })
  t.throws(() => addressOf('network', [{ type: 'network', endpoints: [{ interface: 'public', url: 'file:///etc/passwd' }] }], CLOUD), { message: /is no http\(s\) address/ })
})
