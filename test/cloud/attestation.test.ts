// Who is let in by host-server, with a good token, as Trove, Nova and Neutron attest it.
import { cloud, type } from './the-cloud.ts'
import { randomUUID } from 'node:crypto'
import root from 'tap'
import { bridgeOf, HOST, MANAGEMENT } from '../../lab/cloud/network.ts'
import { run } from '../../lab/run.ts'
import { addressesOf, bareInstance, bareVersion } from './bare-instance.ts'
import { enrolFrom } from './enrol-from.ts'

await bareVersion()
const instance = await bareInstance('attested')
const [address] = await addressesOf(instance.server_id)
// Its guest does not speak; so this host can, in its name.
await run(['ip', 'address', 'add', `${address}/32`, 'dev', bridgeOf(MANAGEMENT)])
root.teardown(() => run(['ip', 'address', 'delete', `${address}/32`, 'dev', bridgeOf(MANAGEMENT)]))

await root.test('who claims to be an instance that Trove does not know is refused', async (t) => {
  const unknown = randomUUID()
  t.match(await enrolFrom(HOST, unknown), { status: 403, code: 'ATTESTATION_REFUSED', message: `Trove knows no instance ${unknown}` })
})

await root.test("who asks from an address that is not the instance's is refused", async (t) => {
  t.match(await enrolFrom(HOST, instance.id), { status: 403, code: 'ATTESTATION_REFUSED', message: `${HOST} is no address of the server of instance ${instance.id}` })
})

await root.test('a building instance that asks from its own address is let in', async (t) => {
  t.match(await enrolFrom(address!, instance.id), { status: 200 })
})

await root.test('an instance that is not being built is refused, from its own address too', async (t) => {
  await type.well(['trovestrap', 'forget', instance.id])
  await type.well(['openstack', 'database', 'instance', 'reset', 'status', instance.id])
  t.match(await enrolFrom(address!, instance.id), { status: 403, code: 'ATTESTATION_REFUSED', message: new RegExp(`instance ${instance.id} is not being built`) })
  t.match(await type.well(['trovestrap', 'audit']), /refused/)
})

await root.test('an instance whose server Nova does not know any more is refused', async (t) => {
  const other = await bareInstance('without-server')
  const [own] = await addressesOf(other.server_id)
  await run(['ip', 'address', 'add', `${own}/32`, 'dev', bridgeOf(MANAGEMENT)])
  t.teardown(() => run(['ip', 'address', 'delete', `${own}/32`, 'dev', bridgeOf(MANAGEMENT)]))
  await type.well(['openstack', 'server', 'delete', '--wait', other.server_id])
  t.match(await enrolFrom(own!, other.id), { status: 403, code: 'ATTESTATION_REFUSED', message: `Nova has no more the server of instance ${other.id}` })
  await type.well(['trovestrap', 'delete', other.id, '--force', '--remove-left-over'])
})

await root.test('both are deleted with all that they left', async (t) => {
  await type.well(['trovestrap', 'delete', instance.id, '--force', '--remove-left-over'])
  t.equal((await type.well(['openstack', 'server', 'list', '--all-projects', '-f', 'value'])).trim(), '')
  t.equal((await type.well(['openstack', 'port', 'list', '-f', 'value', '-c', 'Name'])).trim(), '')
  t.equal(await cloud.broker.consumers(`guestagent.${instance.id}`), undefined)
})
