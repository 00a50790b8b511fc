// What expose makes in a real Neutron, and that unexpose takes exactly that away. Its instance has nothing on its disk; path.test.ts asks a real database.
import { cloud, type } from './the-cloud.ts'
import root from 'tap'
import { PUBLIC, USERS } from '../../lab/cloud/network.ts'
import { bareInstance, bareVersion } from './bare-instance.ts'

const ADDRESS = /(10\.97\.0\.\d+):3307 leads to/
const NO_GREETING = /it is exposed, and from here no greeting comes from/

const openstack = async (...words: string[]): Promise<string> => (await type.well(['openstack', ...words, '-f', 'value'])).trim()

await bareVersion()
const instance = await bareInstance('exposed')
const groups = await openstack('security', 'group', 'rule', 'list', '-c', 'ID')

await root.test('expose --plan says what would be made, and makes nothing', async (t) => {
  t.match(await type.well(['trovestrap', 'expose', 'exposed', '--plan']), /openstack floating ip create public .*\n.*openstack floating ip port forwarding create ADDRESS/)
  t.equal(await openstack('floating', 'ip', 'list'), '')
})

await root.test('a floating address forwards one port, once; that nobody greets there is said', async (t) => {
  const words = ['trovestrap', 'expose', 'exposed', '--port', '3307']
  const first = await type(words)
  t.match(first, { status: 1, stderr: NO_GREETING })
  const [, address] = ADDRESS.exec(first.stdout)!
  t.match(await type(words), { status: 1, stdout: new RegExp(`${address}:3307 leads to exposed.*\nnothing was left to do\n`) })
  t.equal(await openstack('floating', 'ip', 'list', '-c', 'Floating IP Address'), address)
  t.equal(await openstack('floating', 'ip', 'port', 'forwarding', 'list', address!, '-c', 'External Port', '-c', 'Internal Port', '-c', 'Description'), `3306 3307 trovestrap ${instance.id}`)
  t.match(await type(['trovestrap', 'expose', 'exposed', '--port', '3308']), { status: 2, stderr: /is exposed already, at .*:3307 .*\n {2}trovestrap unexpose/ })
  await type.well(['trovestrap', 'unexpose', 'exposed'])
  t.equal(await openstack('floating', 'ip', 'list'), '')
  t.equal(await openstack('security', 'group', 'rule', 'list', '-c', 'ID'), groups)
})

await root.test('an address that was there is used and stays; a port of it that is taken, or an address of another project, is refused', async (t) => {
  const own = await openstack('floating', 'ip', 'create', PUBLIC.name, '--description', 'of the boss', '-c', 'floating_ip_address')
  t.match(await type(['trovestrap', 'expose', 'exposed', '--address', own, '--port', '3307']), { status: 1, stderr: NO_GREETING })
  await type.well(['trovestrap', 'unexpose', 'exposed'])
  t.equal(await openstack('floating', 'ip', 'show', own, '-c', 'description'), 'of the boss')

  const other = await openstack('port', 'create', 'other', '--network', USERS.name, '-c', 'id')
  const inside = await openstack('port', 'show', other, '-c', 'fixed_ips')
  const fixed = /10\.98\.0\.\d+/.exec(inside)![0]
  const leads = await openstack('floating', 'ip', 'port', 'forwarding', 'create', own, '--protocol', 'tcp', '--external-protocol-port', '3307', '--internal-protocol-port', '3306', '--internal-ip-address', fixed, '--port', other, '-c', 'id')
  t.match(await type(['trovestrap', 'expose', 'exposed', '--address', own, '--port', '3307']), { status: 2, stderr: new RegExp(`port 3307 of ${own} leads to ${fixed}:3306 already\n {2}trovestrap expose ${instance.id} --address ${own} --port 3308`) })

  const theirs = await openstack('floating', 'ip', 'create', PUBLIC.name, '--project', 'service', '-c', 'floating_ip_address')
  t.match(await type(['trovestrap', 'expose', 'exposed', '--address', theirs]), { status: 2, stderr: /is of project \S+, and project \S+ is logged in/ })
  await type.well(['openstack', 'floating', 'ip', 'port', 'forwarding', 'delete', own, leads])
  for (const address of [own, theirs]) await type.well(['openstack', 'floating', 'ip', 'delete', address])
  await type.well(['openstack', 'port', 'delete', other])
})

await root.test('for a wrong pool, a network without a router, or a database that is not there, it is said what to type', async (t) => {
  t.match(await type(['trovestrap', 'expose', 'exposed', '--address', 'nix']), { status: 2, stderr: /got "nix"; there is public\n/ })
  t.match(await type(['trovestrap', 'expose', 'nobody']), { status: 1, stderr: /has no instance called nobody/ })
  await type.well(['openstack', 'router', 'unset', '--external-gateway', 'router'])
  t.match(await type(['trovestrap', 'expose', 'exposed']), { status: 1, stderr: /no router leads from the network of exposed .* to public\n {2}openstack router set/ })
  await type.well(['openstack', 'router', 'set', '--external-gateway', PUBLIC.name, 'router'])
  t.match(await type(['trovestrap', 'expose', 'exposed', '--host', '--address', PUBLIC.address]), { status: 1, stderr: /this host itself does not meet the database/ })
})

await root.test('what expose made of an instance that is deleted is found by its id', async (t) => {
  t.match(await type(['trovestrap', 'expose', 'exposed', '--port', '3307']), { status: 1, stderr: NO_GREETING })
  await type.well(['trovestrap', 'delete', instance.id, '--force', '--remove-left-over'])
  t.match(await type(['trovestrap', 'unexpose', instance.id]), { status: 0 })
  t.equal(await openstack('floating', 'ip', 'list'), '')
  t.equal(await cloud.broker.consumers(`guestagent.${instance.id}`), undefined)
})
