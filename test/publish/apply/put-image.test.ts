import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { putImage } from '../../../publish/apply/put-image.ts'
import { placeOf } from '../../../publish/plan/place-image.ts'
import { standInGlance } from './stand-in-glance.ts'

const STEPS = { begin() {}, update() {}, done() {} }
const DATA = randomBytes(2 ** 20)

async function scene(t: Test) {
  const glance = await standInGlance(t)
  const path = join(t.testdir({}), 'guest.qcow2')
  writeFileSync(path, DATA)
  const sha512 = createHash('sha512').update(DATA).digest('hex')
  const file = { path, bytes: DATA.length, sha512 }
  const wanted = { name: 'guest', rename: false, format: 'qcow2', minDisk: 4, tags: ['trove', 'mysql'], properties: { hw_rng_model: 'virtio' }, sha512 } as const
  /** As a run does: looks, and brings it there. */
  const put = () => putImage(glance.cloud, { role: 'image', file, wanted, ...placeOf(wanted, [...glance.records.values()]) }, STEPS, new AbortController().signal)
  return { ...glance, put }
}

t.test('an image is tagged once Glance has all of it, and not a second time', async (t) => {
  const { put, records, asked } = await scene(t)
  const id = await put()
  t.match(records.get(id), { status: 'active', tags: ['trove', 'mysql'], min_disk: 4, hw_rng_model: 'virtio', visibility: 'private', disk_format: 'qcow2', container_format: 'bare' })
  t.match(asked.map((each) => each.split(' ')[0]), ['POST', 'PUT', 'GET', 'PATCH'])
  t.equal(await put(), id)
  t.equal(asked.length, 4, 'the second time nothing was asked for')
})

t.test('a Glance that dies in the middle leaves a record that is named, and gone on with', async (t) => {
  const { put, records, faults } = await scene(t)
  faults.push('cut')
  await t.rejects(put(), { name: 'Failure', message: /image i1 is left in Glance without its data, and without tags\.\n {2}type the same again/ })
  t.match(records.get('i1'), { status: 'queued', tags: [] })
  t.equal(await put(), 'i1')
  t.equal(records.size, 1, 'nothing is doubled')
})

t.test('half a file in a record that takes no data any more is removed', async (t) => {
  const { put, records, faults } = await scene(t)
  faults.push('cut')
  await t.rejects(put())
  records.set('i1', { ...records.get('i1')!, status: 'saving' })
  const id = await put()
  t.same([...records.keys()], [id])
  t.match(records.get(id), { status: 'active', tags: ['trove', 'mysql'] })
})

t.test('what Glance has got wrong is removed, and never tagged', async (t) => {
  const { put, records, faults } = await scene(t)
  faults.push('damage')
  await t.rejects(put(), { name: 'Failure', message: /Glance has something else than .*guest\.qcow2 in image i1 \(active\), which was removed/ })
  t.equal(records.size, 0)
})

t.test('a project without room is told so', async (t) => {
  const { put, faults } = await scene(t)
  faults.push(413)
  await t.rejects(put(), { name: 'Failure', message: /^Glance has no room for it: Glance answers PUT \/images\/i1\/file with 413: refused; image i1 is left/ })
})
