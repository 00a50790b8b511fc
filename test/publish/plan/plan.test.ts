import t from 'tap'
import type { ImageRecord } from '../../../openstack/glance/image-records.ts'
import type { ManagedVersion } from '../../../openstack/trove/datastore-versions.ts'
import { planPublication, type Seen } from '../../../publish/plan/plan.ts'
import { keptLines, planLines } from '../../../publish/plan/plan-text.ts'
import type { PublishWish } from '../../../publish/wish.ts'

const SHA = 'a'.repeat(128)
const OTHER = 'b'.repeat(128)
const WISH: PublishWish = {
  image: { path: 'guest.qcow2', format: 'qcow2', bytes: 2 ** 20, virtualSize: 3.5 * 2 ** 30, sha512: SHA },
  name: 'guest',
  rename: false,
  tags: ['trove', 'mysql'],
  properties: { hw_rng_model: 'virtio' },
  datastore: 'mysql',
  version: '8.0',
  makeDefault: true,
  older: 'keep',
}

function record(id: string, more: Partial<ImageRecord> = {}): ImageRecord {
  return { id, name: 'guest', status: 'active', tags: ['trove', 'mysql'], disk_format: 'qcow2', min_disk: 4, visibility: 'private', hw_rng_model: 'virtio', os_hash_algo: 'sha512', os_hash_value: SHA, created_at: '2026-11-25T17:50:07Z', updated_at: '2026-11-25T17:50:07Z', ...more }
}

function version(more: Partial<ManagedVersion> = {}): ManagedVersion {
  return { id: 'v1', name: '8.0', version: '8.0', datastore_name: 'mysql', datastore_manager: 'mysql', image: 'i1', image_tags: [''], active: true, default: true, ...more }
}

const planned = (seen: Partial<Seen>, wish: Partial<PublishWish> = {}) => planPublication({ ...WISH, ...wish }, { records: [], versions: [], api: true, parameters: [], ...seen })
const lines = (seen: Partial<Seen>, wish: Partial<PublishWish> = {}) => planLines(planned(seen, wish), { ...WISH, ...wish })

t.test('in an empty cloud everything is made, and the tags come last', async (t) => {
  t.same(lines({}), [
    'upload guest.qcow2 (1.0 MiB) as image "guest": qcow2, private, min_disk 4 GiB, hw_rng_model=virtio',
    'tag it trove, mysql once it is whole',
    'make datastore version mysql 8.0 of it, manager mysql, active',
    'make 8.0 the default version of mysql',
  ])
})

t.test('where all is so already, nothing is done', async (t) => {
  t.same(lines({ records: [record('i1')], versions: [version()] }), [])
})

t.test('the same bytes are not uploaded again, whoever uploaded them: what differs is changed', async (t) => {
  const byHand = record('i1', { min_disk: 0, tags: ['mine'], hw_rng_model: undefined })
  t.match(lines({ records: [byHand], versions: [version()] }), ['change image i1 (guest): min_disk 4, hw_rng_model virtio, tags mine, trove, mysql'])
  t.match(lines({ records: [record('i1', { status: 'deactivated' })], versions: [version()] }), ['reactivate image i1 (guest): it is the same as guest.qcow2'])
  const otherDigest = record('i1', { os_hash_algo: 'sha256', os_hash_value: 'c'.repeat(64), trovestrap_sha512: SHA })
  t.same(lines({ records: [otherDigest], versions: [version()] }), [], 'where Glance tells another digest, what we noted when we sent it counts')
  t.equal(planned({ records: [record('i1', { disk_format: 'raw' })] }).images[0]!.there, undefined, 'the same bytes told to be a raw disk are another image')
})

t.test('an upload that was cut is gone on with where Glance lets it, and removed where it does not', async (t) => {
  const left = (status: string, more: Partial<ImageRecord> = {}) => record('i9', { status, tags: [], os_hash_value: null, trovestrap_sha512: SHA, ...more })
  t.match(lines({ records: [left('queued')] })[0], /^upload guest\.qcow2 .* into image i9 \(guest\), which an earlier run left without data/)
  t.match(lines({ records: [left('saving')] }).slice(0, 2), ['remove image i9 (guest), in which an earlier upload was cut (saving)', /^upload guest\.qcow2 .* as image "guest"/])
  t.match(lines({ records: [left('active', { os_hash_value: OTHER })] })[0], 'remove image i9 (guest), in which an earlier upload was cut (active)', 'half a file that Glance took for a whole one')
  t.match(lines({ records: [left('saving'), record('i1')], versions: [version()] }), ['remove image i9 (guest), in which an earlier upload was cut (saving)'], 'beside a whole one')
  t.same(lines({ records: [record('i1'), left('queued', { trovestrap_sha512: OTHER })], versions: [version()] }), [], "another file's is left alone")
})

t.test('a version that is there gets the new image and becomes active; what it has otherwise stays', async (t) => {
  const { change, create } = planned({ versions: [version({ image: 'old', active: false, datastore_manager: 'percona' })] })
  t.equal(create, undefined)
  t.match(change, { image: true, rest: { active: true } })
  t.notOk(change!.rest.datastore_manager, 'unasked nobody changes who manages it')
})

t.test('a version of that name that is not the only one is made the default by its id', async (t) => {
  const two = [version({ default: false }), version({ id: 'v2', version: '8.0.44', default: false })]
  t.match(planned({ records: [record('i1')], versions: two }), { makeDefault: 'trove-manage', number: '8.0' })
  t.match(planned({ records: [record('i1')], versions: two.toReversed() }), { number: '8.0' }, 'the one whose number is the name is meant')
  t.equal(planned({ records: [record('i1')], versions: two.slice(0, 1) }).makeDefault, 'api')
  t.equal(planned({ api: false }).makeDefault, 'trove-manage', 'and where the API knows no versions')
})

t.test('older images are deactivated on request, and none that another version has', async (t) => {
  const records = [record('i1'), record('old', { os_hash_value: OTHER }), record('shared', { os_hash_value: OTHER }), record('foreign', { os_hash_value: OTHER, tags: ['mysql'] })]
  const versions = [version(), version({ id: 'v2', name: '5.7', version: '5.7', image: 'shared', default: false })]
  const plan = planned({ records, versions }, { older: 'deactivate' })
  t.same(plan.deactivate.map(({ id }) => id), ['old'])
  t.same(keptLines(plan), ['image shared (guest), which this one replaces, stays active: datastore version mysql 5.7 has it'])
  const unasked = planned({ records, versions })
  t.same(unasked.deactivate, [], 'unasked none')
  t.same(keptLines(unasked), ['image old (guest), which this one replaces, stays active: --older deactivate would deactivate it'])
})

t.test('the image that the version had is an older one, whatever its tags are', async (t) => {
  const records = [record('i1'), record('old', { os_hash_value: OTHER, tags: [] })]
  t.same(planned({ records, versions: [version({ image: 'old' })] }, { older: 'deactivate' }).deactivate.map(({ id }) => id), ['old'])
})

t.test('configuration parameters are loaded where one is missing', async (t) => {
  const seen = { records: [record('i1')], versions: [version()], rules: { file: 'rules.json', names: ['a', 'b'] } }
  t.match(lines({ ...seen, parameters: ['a'] }), [/^load the configuration parameters of mysql 8\.0 from rules\.json/])
  t.same(lines({ ...seen, parameters: ['a', 'b', 'c'] }), [])
})

t.test('a bootstrap token is bound once, and not taken away from an image that is there', async (t) => {
  const seen = { records: [record('i1'), record('i2', { os_hash_value: OTHER, tags: [] })], versions: [version()] }
  t.match(lines({ ...seen, token: { id: 'abc123' } }), [/^bind bootstrap token abc123/])
  t.same(lines({ ...seen, token: { id: 'abc123', image: 'i1' } }), [])
  t.match(lines({ ...seen, token: { id: 'abc123', image: 'gone' } }), [/^bind bootstrap token abc123/])
  const elsewhere = planned({ ...seen, token: { id: 'abc123', image: 'i2' } })
  t.equal(elsewhere.bind, undefined)
  t.match(keptLines(elsewhere), [/^bootstrap token abc123 stays bound to image i2/])
})

t.test('kernel and initrd go first, and the image names them', async (t) => {
  const files = { kernel: { path: 'vmlinuz', bytes: 1000, sha512: OTHER }, initrd: { path: 'initrd', bytes: 1000, sha512: 'c'.repeat(128) }, commandLine: 'root=LABEL=root' }
  const kernel = record('k1', { disk_format: 'aki', tags: [], os_hash_value: OTHER })
  const { images } = planned({ records: [kernel] }, files)
  t.match(images.map(({ role, wanted }) => [role, wanted.format, wanted.tags]), [['kernel', 'aki', []], ['initrd', 'ari', []], ['image', 'qcow2', ['trove', 'mysql']]], 'Trove must not take a kernel for the newest image')
  t.match(images[2]!.wanted.properties, { kernel_id: 'k1', ramdisk_id: 'the new initrd', os_command_line: 'root=LABEL=root' })
  t.equal(images[0]!.there!.id, 'k1')
})

t.test('a new datastore whose name is no manager wants one', async (t) => {
  t.throws(() => planned({}, { datastore: 'shop' }), { name: 'Refusal', message: /\n {2}--manager mysql\|mariadb\|postgresql/ })
  t.match(planned({}, { datastore: 'shop', manager: 'mysql' }).create, { datastore_manager: 'mysql' })
})
