// image publish against a real Glance and a real Trove: said before, done once, gone on with after a Glance that died.
import { cloud, type } from './the-cloud.ts'
import { randomBytes } from 'node:crypto'
import { appendFile, copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import root from 'tap'
import { run } from '../../lab/run.ts'
import { until } from '../../lab/until.ts'
import { imageRecords, type ImageRecord } from '../../openstack/glance/image-records.ts'
import { managedVersions } from '../../openstack/trove/datastore-versions.ts'
import { patience } from './patience.ts'

const dir = join(cloud.dir, 'publish')
const [first, second, large] = ['first.qcow2', 'second.qcow2', 'large.qcow2'].map((name) => join(dir, name)) as [string, string, string]
await mkdir(dir)
await run(['qemu-img', 'create', '-q', '-f', 'qcow2', first, '3500M'])
await copyFile(first, second)
await appendFile(second, randomBytes(100))
await copyFile(first, large)
// So much that there is time to end Glance while it comes; random, so that no layer on the way makes less of it.
for (let mebibytes = 0; mebibytes < 600; mebibytes += 50) await appendFile(large, randomBytes(50 * 2 ** 20))

const publish = (image: string, ...more: string[]) => ['trovestrap', 'image', 'publish', image, '--datastore', 'publish', '--version', '8.0', ...more]
const make = ['--manager', 'mysql', '--trove-conf', cloud.trove.files.troveConf]
const images = async (): Promise<ImageRecord[]> => (await imageRecords(cloud.openstack, [], patience())).filter(({ name }) => /^(first|second|large)$/.test(name ?? '')).map((image) => ({ ...image, tags: image.tags.toSorted() }))
const versions = async () => (await managedVersions(cloud.openstack, patience()))!.filter(({ datastore_name: name }) => name === 'publish')

/** What is said of a record without data. */
const LEFT = /image ([0-9a-f-]{36}) is left in Glance without its data, and without tags\.\n {2}type the same again/

await root.test('--plan says what would be done, and does nothing', async (t) => {
  t.match(await type(publish(first, ...make, '--plan')), { status: 0, stdout: /would be done:\n {2}upload .*first\.qcow2 .* min_disk 4 GiB.*\n {2}tag it trove, publish once it is whole\n {2}make datastore version publish 8\.0 of it, manager mysql, active/ })
  t.same([await images(), await versions()], [[], []])
})

await root.test('an image becomes that of a datastore version, with its tags, properties and configuration parameters', async (t) => {
  await type.well(publish(first, ...make, '--default'))
  const [image] = await images()
  t.match(image, { status: 'active', visibility: 'private', tags: ['publish', 'trove'], min_disk: 4, hw_rng_model: 'virtio', disk_format: 'qcow2' })
  t.match(await versions(), [{ name: '8.0', datastore_manager: 'mysql', image: image!.id, active: true, default: true }])
  t.match(await type.well(['openstack', 'database', 'configuration', 'parameter', 'list', '8.0', '--datastore', 'publish', '-f', 'value', '-c', 'Name']), /max_connections/)
})

await root.test('the second time nothing is left to do, and nothing changes', async (t) => {
  const before = [await images(), await versions()]
  t.match(await type(publish(first, '--default')), { status: 0, stdout: /nothing was left to do/ })
  t.same([await images(), await versions()], before)
})

await root.test('a newer image takes its place, and the older one is deactivated', async (t) => {
  await type.well(publish(second, '--older', 'deactivate'))
  const [newer, older] = ['second', 'first'].map((name) => async () => (await images()).find((each) => each.name === name)!)
  t.match(await older!(), { status: 'deactivated' })
  t.match(await versions(), [{ image: (await newer!()).id, default: true }])
  await type.well(publish(first, '--older', 'deactivate'))
  t.match(await older!(), { status: 'active' }, 'and back again, without an upload')
  t.match(await newer!(), { status: 'deactivated' })
  t.match(await versions(), [{ image: (await older!()).id }])
})

await root.test('a Glance that dies in the middle of an upload: what is left is named, and gone on with', async (t) => {
  const before = await versions()
  const uploading = type(publish(large))
  await until('the upload to be under way', async () => (await images()).find(({ name, status }) => name === 'large' && status === 'saving'), { timeoutMs: 60_000 })
  await cloud.glance.kill()
  const { status, stderr } = await uploading
  t.equal(status, 1)
  t.match(stderr, LEFT)
  const [, left] = LEFT.exec(stderr) ?? []
  t.same(await versions(), before, 'Trove still has the image from before')

  await cloud.glance.start()
  t.match((await images()).find(({ id }) => id === left), { name: 'large', tags: [] }, 'and takes no half of one by its tags')
  await type.well(publish(large))
  const all = (await images()).filter(({ name }) => name === 'large')
  t.match(all, [{ status: 'active', tags: ['publish', 'trove'] }])
  t.match(await versions(), [{ image: all[0]!.id }])
})

await root.test('who may not is told so before anything is uploaded, and so is a flavor that is too small', async (t) => {
  const before = await images()
  t.match(await type(publish(second, '--os-cloud', 'someone')), { status: 1, stderr: /this wants a user with the role admin/ })
  await type.well(['openstack', 'flavor', 'create', 'publish.small', '--ram', '64', '--disk', '1'])
  t.match(await type(publish(second, '--flavor', 'publish.small')), { status: 2, stderr: /flavor publish\.small has a disk of 1 GiB, and the image is one of 4 GiB: nothing was uploaded/ })
  await writeFile(join(dir, 'empty.qcow2'), '')
  t.match(await type(publish(join(dir, 'empty.qcow2'))), { status: 2, stderr: /is no disk image: it has only 0 bytes/ })
  t.same(await images(), before)
})

root.teardown(async () => {
  for (const { id } of await versions()) await type(['openstack', 'datastore', 'version', 'delete', id])
  await type(['openstack', 'datastore', 'delete', 'publish'])
  for (const { id } of await images()) await type(['openstack', 'image', 'delete', id])
  await type(['openstack', 'flavor', 'delete', 'publish.small'])
})
