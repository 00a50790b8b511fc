// What launch refuses before Trove is asked, that nothing is made twice, and that delete leaves nothing: without a guest that comes up.
import { cloud, type } from './the-cloud.ts'
import root from 'tap'
import { USERS } from '../../lab/cloud/network.ts'
import { ports } from '../../openstack/neutron.ts'
import { ownInstances } from '../../openstack/trove.ts'
import { bareInstance, bareVersion } from './bare-instance.ts'
import { patience } from './patience.ts'

await bareVersion()
const words = ['trovestrap', 'launch', 'launch-1', '--datastore', 'mysql', '--version', 'bare', '--flavor', 'db.small', '--network', USERS.name]
const replaced = (option: string, value: string): string[] => words.with(words.indexOf(option) + 1, value)
const ours = async (): Promise<string[]> => (await ownInstances(cloud.openstack, patience())).filter(({ name }) => name?.startsWith('launch-')).map(({ id }) => id)
const project = (await type.well(['openstack', 'project', 'show', 'admin', '-f', 'value', '-c', 'id'])).trim()
const queueOf = (id: string): Promise<number | undefined> => cloud.broker.consumers(`guestagent.${id}`)

await root.test('what there is not is refused with what there is, and nothing is asked of Trove', async (t) => {
  t.match(await type(replaced('--flavor', 'huge')), { status: 2, stderr: /no flavor that mysql bare takes is called huge; there are db\.small/ })
  t.match(await type(replaced('--version', '9')), { status: 2, stderr: /no version of mysql is called 9; there are / })
  t.match(await type(replaced('--network', 'nowhere')), { status: 2, stderr: /no network is called nowhere/ })
  t.same(await ours(), [])
})

await root.test('a flavor whose disk is smaller than the image, an inactive version and a used-up quota are refused', async (t) => {
  await type.well(['openstack', 'flavor', 'create', 'launch-tiny', '--ram', '64', '--disk', '1', '--ephemeral', '1'])
  const [image, min] = [await imageOfBare(), '5']
  await type.well(['openstack', 'image', 'set', image, '--min-disk', min])
  t.match(await type(replaced('--flavor', 'launch-tiny')), { status: 2, stderr: /flavor launch-tiny has a disk of 1 GiB, and image .* needs 5 GiB \(min_disk\)\.\n  large enough: db\.small/ })
  await type.well(['openstack', 'image', 'set', image, '--min-disk', '0'])
  await type.well(['openstack', 'flavor', 'delete', 'launch-tiny'])

  await type.well(['openstack', 'datastore', 'version', 'create', 'launch-old', 'mysql', 'mysql', image, '--version-number', '1.0'])
  const inactive = await type(replaced('--version', 'launch-old'))
  t.match(inactive, { status: 2, stderr: /mysql launch-old is not active: Trove makes no instance of it\.\n  openstack datastore version set (\S+) --enable/ })
  await type.well(['openstack', 'datastore', 'version', 'delete', /version set (\S+)/.exec(inactive.stderr)![1]!])

  await type.well(['openstack', 'database', 'quota', 'update', project, 'instances', '0'])
  t.match(await type(words), { status: 2, stderr: /Trove's quota of instances for project admin is used up: 0 of 0 are taken/ })
  await type.well(['openstack', 'database', 'quota', 'update', project, 'instances', '10'])
  t.same(await ours(), [])
})

await root.test('an instance is asked for once, also when the command is typed twice; another project is told that it is not its own', async (t) => {
  await bareInstance('launch-1')
  t.match(await type(words), { status: 0, stderr: /launch-1 is there already \(.*, BUILD\): nothing is asked for twice/ })
  t.equal((await ours()).length, 1)
  t.match(await type(['trovestrap', 'delete', 'launch-1', '--os-cloud', 'someone']), { status: 1, stderr: /project someone has no instance called launch-1/ })
})

await root.test('a name that fits two is refused with both ids', async (t) => {
  const second = await type(['openstack', 'database', 'instance', 'create', 'launch-1', '--flavor', 'db.small', '--datastore', 'mysql', '--datastore-version', 'bare', '--nic', `net-id=${cloud.networks.users}`])
  t.equal(second.status, 0, second.stderr)
  const ids = await ours()
  t.equal(ids.length, 2)
  const { status, stderr } = await type(['trovestrap', 'delete', 'launch-1'])
  t.equal(status, 2)
  for (const id of ids) t.match(stderr, id)
  for (const id of ids) t.match(await type(['trovestrap', 'delete', id, '--force', '--remove-left-over']), { status: 0 })
})

await root.test('one that is being built is deleted by force, what it leaves is named, and removed; the second time nothing is left to do', async (t) => {
  const { id } = await bareInstance('launch-2')
  t.match(await type(['trovestrap', 'delete', 'launch-2']), { status: 1, stderr: /Trove deletes no instance that it is building, and launch-2 is/ })
  t.not(await queueOf(id), undefined, 'taskmanager has made its queue, and put prepare into it')
  const { status, stdout, stderr } = await type(['trovestrap', 'delete', 'launch-2', '--force'])
  t.equal(status, 0, stderr)
  t.match(stdout, new RegExp(`launch-2 is deleted.*\\.\nLeft behind:\n  queue guestagent\\.${id} \\(\\d messages?, no consumer\\)\n      rabbitmqctl -p trove delete_queue guestagent\\.${id}\n`))
  // Somebody's port of that name, as a taskmanager that was killed half-way leaves it.
  await type.well(['openstack', 'port', 'create', '--network', cloud.networks.users, `trove-${id}`])
  t.match(await type(['trovestrap', 'delete', id, '--remove-left-over']), { status: 0, stdout: /was gone already\.\n  removed: port [\s\S]*  removed: queue / })
  t.same(await ports(cloud.openstack, { name: `trove-${id}` }, patience()), [])
  t.equal(await queueOf(id), undefined)
  t.match(await type(['trovestrap', 'delete', 'launch-2', '--remove-left-over']), { status: 0, stdout: /was gone already\.\nNothing of it is left\./ })
  t.same(await ours(), [])
})

async function imageOfBare(): Promise<string> {
  return (await type.well(['openstack', 'image', 'list', '--tag', 'bare', '-f', 'value', '-c', 'ID'])).trim()
}
