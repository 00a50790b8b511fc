import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { GUEST } from '../../contract/paths.ts'
import { configure } from '../../guest-bootstrap/stages/configure.ts'
import { MEMORY, remember } from '../../guest-bootstrap/memory.ts'
import { userData } from '../../lab/user-data.ts'
import { INSTANCE, machine, type Machine } from './machine.ts'

const INFO = `[DEFAULT]\nguest_id = ${INSTANCE}\n`
const SERVED = '[DEFAULT]\ntransport_url = rabbit://trove:s3cret@h/trove\n'

function guest(t: Test, served: { text: string; status?: number } = { text: SERVED }): Machine {
  const it: Machine = machine(t, {
    changed: {
      async http({ url, headers }) {
        if (!url.startsWith('https://h:1/')) throw Object.assign(new Error('x'), { code: 'ETIMEDOUT' })
        const etag = JSON.stringify(served.text)
        const body = async function* () {
          yield Buffer.from(served.text)
        }
        return { status: served.status ?? (headers?.['if-none-match'] === etag ? 304 : 200), headers: { etag }, body: body() }
      },
    },
    programs: (program, args) => {
      if (program === 'mount') it.put(`${args.at(-1)}/openstack/latest/user_data`, userData([{ path: GUEST.guestInfo[0], content: INFO }, { path: '/etc/trove/conf.d/trove-guestagent.conf', content: '[DEFAULT]\nx = 1\n' }, { path: '/root/.ssh/authorized_keys', content: 'evil' }]))
      return {}
    },
  })
  remember(it.system.files, MEMORY.identity, { instance: INSTANCE, urls: ['https://h:1'], source: '' })
  remember(it.system.files, MEMORY.host, { url: 'https://h:1', uptime: 0 })
  return it
}

t.test('the served configuration stands beside the injected files, all of them closed and the agent\'s', async (t) => {
  const it = guest(t)
  it.put(GUEST.guestInfo[0], INFO)
  it.put('/etc/trove/conf.d/trove-guestagent.conf', '[DEFAULT]\ntransport_url = rabbit://old/\n')
  t.equal(await configure.done(it.system), false)
  t.equal(await configure.run(it.system), 'guest_info.conf, trove-guestagent.conf, trovestrap.conf')
  t.equal(it.get(GUEST.servedConfig), SERVED)
  for (const name of ['guest_info.conf', 'trove-guestagent.conf', 'trovestrap.conf']) {
    t.match(it.system.files.stat(`${GUEST.confDir}/${name}`), { mode: 0o600, uid: process.getuid!(), gid: process.getgid!() })
  }
  t.equal(await configure.done(it.system), true)
})

const changes: { title: string; change: (it: Machine, served: { text: string }) => void }[] = [
  { title: 'the host serves another one', change: (_it, served) => (served.text += '# changed\n') },
  { title: 'somebody edited ours', change: (it) => it.put(GUEST.servedConfig, 'x', 0o600) },
  { title: 'a file was opened to everybody', change: (it) => it.put(GUEST.guestInfo[0], INFO, 0o644) },
  { title: 'a file came with the wrong mode', change: (it) => it.put('/etc/trove/conf.d/new.conf', '', 0o644) },
]
for (const { title, change } of changes) {
  t.test(`it is written again when ${title}`, async (t) => {
    const served = { text: SERVED }
    const it = guest(t, served)
    it.put(GUEST.guestInfo[0], INFO)
    await configure.run(it.system)
    change(it, served)
    it.system.files.stat(GUEST.guestInfo[0])
    t.equal(await configure.done(it.system), false)
    await configure.run(it.system)
    t.equal(it.get(GUEST.servedConfig), served.text)
    t.equal(await configure.done(it.system), true)
  })
}

t.test('the guest_info of an older Trove is put where the agent reads', async (t) => {
  const it = guest(t)
  it.put('/etc/guest_info', INFO)
  await configure.run(it.system)
  t.equal(it.get(GUEST.guestInfo[0]), INFO)
  t.equal(it.system.files.stat('/etc/guest_info')?.mode, 0o600)
})

t.test("what cloud-init did not write comes from the config drive, and only what is Trove's", async (t) => {
  const it = guest(t)
  it.put(GUEST.guestInfo[0], INFO)
  it.put('/run/cloud-init/status.json', '{"v1": {"init": {"errors": ["(\'write_files\', OSError(\'Unknown user or group\'))"]}}}')
  mkdirSync(join(it.root, '/dev/disk/by-label'), { recursive: true })
  symlinkSync('../../vdc', join(it.root, '/dev/disk/by-label/config-2'))
  t.match(await configure.run(it.system), /cloud-init had not written \/etc\/trove\/conf\.d\/trove-guestagent\.conf$/)
  t.equal(it.get('/etc/trove/conf.d/trove-guestagent.conf'), '[DEFAULT]\nx = 1\n')
  t.equal(it.system.files.stat('/root/.ssh/authorized_keys'), undefined)
})

t.test('a host that is away leaves what was served before', async (t) => {
  const it = guest(t)
  it.put(GUEST.guestInfo[0], INFO)
  await configure.run(it.system)
  remember(it.system.files, MEMORY.host, { uptime: 0 })
  t.equal(await configure.done(it.system), 'guest_info.conf, trovestrap.conf · without asking the host for its part')
  it.put(GUEST.guestInfo[0], INFO, 0o644)
  await configure.run(it.system)
  t.equal(it.get(GUEST.servedConfig), SERVED)
})

const refusals: { title: string; info?: string; served?: { text: string; status?: number }; passwd?: string; code: string; message?: RegExp }[] = [
  { title: 'a served configuration that oslo.config could not read', served: { text: 'transport_url = x\n' }, code: 'CONFIG_INVALID', message: /trovestrap\.conf:1/ },
  { title: 'an injected file that oslo.config could not read', info: '[DEFAULT\n', code: 'CONFIG_INVALID', message: /guest_info\.conf:1/ },
  { title: "another instance's guest_id", info: '[DEFAULT]\nguest_id = 00000000-0000-4000-8000-000000000000\n', code: 'CONFIG_INVALID', message: /expected 5b2d1f3e/ },
  { title: 'no user for the agent', passwd: 'root:x:0:0::/root:/bin/sh\n', code: 'AGENT_USER_MISSING', message: /useradd --system trove/ },
  { title: 'a credential that is not for this instance', served: { text: '{}', status: 403 }, code: 'CREDENTIAL_REFUSED' },
  { title: 'a host that fails', served: { text: '{}', status: 500 }, code: 'HOST_FAILED' },
]
for (const { title, info = INFO, served, passwd, code, message } of refusals) {
  t.test(`${title}: ${code}`, async (t) => {
    const it = guest(t, served)
    it.put(GUEST.guestInfo[0], info)
    if (passwd) it.put('/etc/passwd', passwd)
    await t.rejects(configure.run(it.system), { code, ...(message ? { message } : {}) })
    if (served) t.equal(it.system.files.stat(GUEST.servedConfig), undefined, 'nothing of it is kept')
  })
}
