import { gzipSync } from 'node:zlib'
import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { GUEST } from '../../contract/paths.ts'
import { MEMORY, recall } from '../../guest-bootstrap/memory.ts'
import { identify } from '../../guest-bootstrap/stages/identify.ts'
import type { HttpAnswer } from '../../guest-bootstrap/system.ts'
import { injectedFiles } from '../../guest-bootstrap/injected/user-data.ts'
import { userData } from '../../lab/user-data.ts'
import { INSTANCE, machine, type Machine } from './machine.ts'

const INFO = `[DEFAULT]\nguest_id = ${INSTANCE}\ndatastore_manager = mysql\n`
const META = JSON.stringify({ uuid: 'x', meta: { trove_instance_id: INSTANCE, trovestrap_url: 'https://10.0.0.9:15555' } })
const noService = { http: () => Promise.reject(Object.assign(new Error('x'), { code: 'ETIMEDOUT' })) }
const identity = ({ system }: Machine) => recall(system.files, MEMORY.identity)

for (const path of GUEST.guestInfo) {
  t.test(`guest_id from ${path}, addresses of the instance before those of the image`, async (t) => {
    const it = machine(t, { urls: ['https://image:15555'], changed: noService })
    it.put(path, INFO)
    it.put(GUEST.controllerConf, 'CONTROLLER=10.0.2.2\nTROVESTRAP_URL="https://host.example:8443/"\nOTHER=x\n')
    it.put('/run/cloud-init/instance-data.json', `{"ds": {"meta_data": ${META}}}`)
    t.equal(await identify.done(it.system), false)
    t.equal(await identify.run(it.system), `guest_id ${INSTANCE} from ${path}`)
    t.match(identity(it), { instance: INSTANCE, urls: ['https://host.example:8443', 'https://10.0.2.2:15555', 'https://10.0.0.9:15555', 'https://image:15555'] })
    t.equal(await identify.done(it.system), true)
    t.same(it.ran, [], 'no drive is mounted for what is known')
  })
}

t.test('an address that is mended in controller.conf is taken', async (t) => {
  const it = machine(t, { changed: noService })
  it.put(GUEST.guestInfo[0], INFO)
  await identify.run(it.system)
  it.put(GUEST.controllerConf, 'CONTROLLER=10.9.9.9\n')
  t.equal(await identify.done(it.system), false)
})

/** A config drive as /dev/vdc; mounting it makes its files appear. */
function withDrive(t: Parameters<typeof machine>[0], files: Record<string, string | Buffer>): Machine {
  const it: Machine = machine(t, {
    changed: noService,
    programs: (program, args) => {
      if (program !== 'mount') return {}
      for (const [path, text] of Object.entries(files)) it.put(`${args.at(-1)}/openstack/latest/${path}`, text as string)
      return {}
    },
  })
  mkdirSync(join(it.root, '/dev/disk/by-label'), { recursive: true })
  symlinkSync('../../vdc', join(it.root, '/dev/disk/by-label/config-2'))
  return it
}

t.test("guest_id from a config drive's metadata; it is mounted read-only in a private place and let go", async (t) => {
  const it = withDrive(t, { 'meta_data.json': META })
  t.equal(await identify.run(it.system), `guest_id ${INSTANCE} from config drive`)
  t.match(identity(it), { instance: INSTANCE, urls: ['https://10.0.0.9:15555', 'https://127.0.0.1:1'] })
  t.same(it.ran.map(({ line }) => line), [
    'mount -o ro,nosuid,nodev,noexec /dev/disk/by-label/config-2 /run/trovestrap/config-drive',
    'umount /run/trovestrap/config-drive',
  ])
})

t.test('a drive that is mounted already is read where it is', async (t) => {
  const it = withDrive(t, {})
  it.put('/proc/mounts', '/dev/vdc /mnt/config\\040drive iso9660 ro 0 0\n')
  it.put('/mnt/config drive/openstack/latest/meta_data.json', META)
  await identify.run(it.system)
  t.equal(identity(it)?.instance, INSTANCE)
  t.same(it.ran, [])
})

const cloudConfig = userData([{ path: GUEST.guestInfo[0], content: INFO }])
const wrapped: Record<string, string | Buffer> = {
  'as trove-taskmanager makes it': cloudConfig,
  'behind a shell script': `#!/bin/bash\necho hello\n${cloudConfig}`,
  'as a MIME part': `MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="B"\n\n--B\nContent-Type: text/x-shellscript\n\n#!/bin/sh\ntrue\n--B\nContent-Type: text/cloud-config\n\n${cloudConfig}\n--B--\n`,
  'gzipped': gzipSync(cloudConfig),
}
for (const [how, text] of Object.entries(wrapped)) {
  t.test(`guest_id from the write_files of a user data ${how}`, async (t) => {
    const it = withDrive(t, { user_data: text })
    await identify.run(it.system)
    t.equal(identity(it)?.instance, INSTANCE)
  })
}

t.test('guest_id from the metadata service, asked with a short time limit', async (t) => {
  const asked: [string, number][] = []
  const http = async ({ url, timeout }: { url: string; timeout: number }): Promise<HttpAnswer> => {
    asked.push([url, timeout])
    const body = async function* () {
      yield Buffer.from(url.endsWith('meta_data.json') ? META : '')
    }
    return { status: 200, headers: {}, body: body() }
  }
  const it = machine(t, { changed: { http }, programs: () => ({ code: 2 }) })
  t.equal(await identify.run(it.system), `guest_id ${INSTANCE} from metadata service`)
  t.same(asked, [
    ['http://169.254.169.254/openstack/latest/meta_data.json', 2000],
    ['http://169.254.169.254/openstack/latest/user_data', 2000],
  ])
})

t.test('a user data that cannot be unpacked, or only to more than any has, is as good as none', async (t) => {
  const bomb = gzipSync(Buffer.alloc(8 * 2 ** 20))
  const bombs = `#cloud-config\nwrite_files:\n${`- {path: /a, encoding: gz+b64, content: ${bomb.toString('base64')}}\n`.repeat(3)}`
  const slow = `#cloud-config\n${'&a '.repeat(2 ** 18)}`
  for (const text of [bomb, bomb.subarray(0, 100), Buffer.from(bombs), Buffer.from(slow)]) {
    const it = withDrive(t, { user_data: text })
    await t.rejects(identify.run(it.system), { code: 'NO_GUEST_ID' })
    t.same(await injectedFiles(text), [])
  }
})

t.test('what is no address is passed over, and the others are still gone to', async (t) => {
  const it = machine(t, { urls: ['https://image:15555'], changed: noService })
  it.put(GUEST.guestInfo[0], INFO)
  it.put(GUEST.controllerConf, `CONTROLLER=::::\nTROVESTRAP_URL="https://[::::]:1,https://a:b:c https://x${'/'.repeat(200_000)}y"\n`)
  await identify.run(it.system)
  t.same(identity(it)?.urls, ['https://image:15555'])
})

const refusals: { title: string; files: Record<string, string>; code: string; message: RegExp }[] = [
  { title: 'nothing anywhere', files: {}, code: 'NO_GUEST_ID', message: /no config drive, no metadata service/ },
  { title: 'an empty guest_info, as trove-common ships it', files: { [GUEST.guestInfo[0]]: '' }, code: 'NO_GUEST_ID', message: /looked in/ },
  { title: 'a guest_id that is none', files: { [GUEST.guestInfo[0]]: '[DEFAULT]\nguest_id = ../../x\n' }, code: 'NO_GUEST_ID', message: /looked in/ },
  { title: 'a guest_info without a section', files: { [GUEST.guestInfo[0]]: 'guest_id = x\n' }, code: 'GUEST_INFO_INVALID', message: /guest_info\.conf:1/ },
  { title: 'no guest.json', files: { [GUEST.config]: '' }, code: 'IMAGE_CONFIG_INVALID', message: /is not JSON/ },
  { title: 'a guest.json of another form', files: { [GUEST.config]: '{"format":1,"urls":["http://x"],"token":"very-secret","agent":{"user":"trove"}}' }, code: 'IMAGE_CONFIG_INVALID', message: /\/urls\/0/ },
]
for (const { title, files, code, message } of refusals) {
  t.test(`refused: ${title}`, async (t) => {
    const it = machine(t, { changed: noService, programs: () => undefined })
    for (const [path, text] of Object.entries(files)) it.put(path, text)
    await t.rejects(identify.run(it.system), { code, message })
    await identify.run(it.system).catch((error: Error) => t.notMatch(error.message, 'very-secret'))
  })
}
