import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { metaData, writeConfigDrive } from '../../lab/config-drive.ts'
import { run } from '../../lab/run.ts'

const SERVER = { id: '5b2d1f3e-0000-4000-8000-000000000000', name: 'db-1', publicKeys: ['ssh-ed25519 AAAA one', 'ssh-ed25519 BBBB two'], meta: { trove_instance_id: 'x' } }

t.test('meta_data.json is what Nova gives to a server', async (t) => {
  t.same(JSON.parse(metaData(SERVER)), {
    uuid: '5b2d1f3e-0000-4000-8000-000000000000',
    name: 'db-1',
    hostname: 'db-1.novalocal',
    availability_zone: 'nova',
    launch_index: 0,
    public_keys: { 'key-0': 'ssh-ed25519 AAAA one', 'key-1': 'ssh-ed25519 BBBB two' },
    meta: { trove_instance_id: 'x' },
  })
})

t.test('the drive is an ISO image labelled config-2 with the user data in it', async (t) => {
  const iso = join(t.testdir(), 'config.iso')
  await writeConfigDrive(iso, { ...SERVER, userData: '#cloud-config\nwrite_files:\n' })
  // ISO 9660: the primary volume descriptor is sector 16, the label is at byte 40 of it
  const image = await readFile(iso)
  t.equal(image.subarray(16 * 2048 + 40, 16 * 2048 + 72).toString('latin1').trim(), 'config-2')
  t.equal(await run(['isoinfo', '-J', '-i', iso, '-x', '/openstack/latest/user_data']), '#cloud-config\nwrite_files:\n')
  t.same(await readdir(join(iso, '..')), ['config.iso'], 'nothing is left beside it')
})
