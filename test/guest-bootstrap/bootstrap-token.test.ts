import t, { type Test } from 'tap'
import { GUEST } from '../../contract/paths.ts'
import { bootstrapToken } from '../../guest-bootstrap/injected/bootstrap-token.ts'
import { userData } from '../../lab/user-data.ts'
import { scrub } from '../../contract/scrub.ts'
import type { HttpAnswer } from '../../guest-bootstrap/system.ts'
import { machine, TOKEN, type Machine } from './machine.ts'

const INJECTED = 'injec1.fedcba9876543210'
const META = JSON.stringify({ meta: { trovestrap_token: INJECTED } })

function guest(t: Test, { token, metaData }: { token?: string; metaData?: string } = {}): Machine & { asked: string[] } {
  const asked: string[] = []
  const http = async ({ url }: { url: string }): Promise<HttpAnswer> => {
    asked.push(url)
    if (metaData === undefined) throw Object.assign(new Error('silence'), { code: 'ETIMEDOUT' })
    const body = async function* () {
      yield Buffer.from(url.endsWith('meta_data.json') ? metaData : '')
    }
    return { status: 200, headers: {}, body: body() }
  }
  const it = machine(t, { changed: { http } })
  it.put(GUEST.config, JSON.stringify({ format: 1, urls: ['https://h:1'], agent: { user: 'trove' }, ...(token === undefined ? {} : { token }) }), 0o600)
  return Object.assign(it, { asked })
}

const found = async (it: Machine): Promise<string> => (await bootstrapToken(it.system)).reveal()

t.test("the image's own token, when the cloud injected none", async (t) => {
  const it = guest(t, { token: TOKEN })
  t.equal(await found(it), TOKEN)
  t.same(it.asked, [], 'nobody waits for a metadata service then')
})

t.test('a token in a file wins over all others, and the file is closed', async (t) => {
  const it = guest(t, { token: TOKEN, metaData: META })
  it.put('/run/cloud-init/instance-data.json', '{"trovestrap_token": "other1.0123456789abcdef"}')
  it.put(GUEST.token, `${INJECTED}\n`, 0o644)
  t.equal(await found(it), INJECTED)
  t.equal(it.system.files.stat(GUEST.token)?.mode, 0o600)
})

t.test("a token in the metadata that cloud-init has kept wins over the image's", async (t) => {
  const it = guest(t, { token: TOKEN })
  it.put('/run/cloud-init/instance-data.json', JSON.stringify({ ds: { meta_data: JSON.parse(META) } }))
  t.equal(await found(it), INJECTED)
})

t.test("a token on the config drive wins over the image's", async (t) => {
  const it = guest(t, { token: TOKEN })
  it.put('/dev/disk/by-label/config-2', '')
  it.put('/proc/mounts', '/dev/disk/by-label/config-2 /mnt iso9660 ro 0 0\n')
  it.put('/mnt/openstack/latest/meta_data.json', META)
  t.equal(await found(it), INJECTED)
})

t.test('what cloud-init has kept without a token is not looked up on the config drive again', async (t) => {
  const it = guest(t, { token: TOKEN })
  it.put('/run/cloud-init/instance-data.json', JSON.stringify({ ds: { meta_data: { meta: {} } } }))
  t.equal(await found(it), TOKEN)
  t.same(it.ran, [])
})

t.test('an image without a token asks the metadata service', async (t) => {
  const it = guest(t, { metaData: META })
  t.equal(await found(it), INJECTED)
})

t.test('an image without a token takes it from the user data, should cloud-init not have written the file', async (t) => {
  const it = guest(t)
  it.put('/dev/disk/by-label/config-2', '')
  it.put('/proc/mounts', '/dev/disk/by-label/config-2 /mnt iso9660 ro 0 0\n')
  it.put('/mnt/openstack/latest/user_data', userData([{ path: GUEST.token, content: `${INJECTED}\n` }]))
  t.equal(await found(it), INJECTED)
  t.equal(it.system.files.stat(GUEST.token), undefined, 'it is not kept')
})

t.test('no token anywhere: TOKEN_MISSING says where it was looked for', async (t) => {
  const it = guest(t, { metaData: '{}' })
  const fault = await bootstrapToken(it.system).then(() => undefined, (error: Error & { code: string }) => error)
  t.equal(fault?.code, 'TOKEN_MISSING')
  for (const place of [GUEST.token, GUEST.config, 'config drive', 'metadata service', 'cloud-init']) t.match(fault?.message, place)
})

t.test('an injected text that is no bootstrap token is neither used nor said', async (t) => {
  const it = guest(t, { token: TOKEN })
  it.put(GUEST.token, 'operator.swordfish\n', 0o600)
  const fault = await bootstrapToken(it.system).then(() => undefined, (error: Error & { code: string }) => error)
  t.match(fault, { code: 'TOKEN_MISSING', message: /\/etc\/trovestrap\/token is no bootstrap token; expected id\.secret/ })
  t.notMatch(JSON.stringify([fault, fault?.message, fault?.stack]), 'swordfish')
})

t.test('a token in the output of a program is taken out', async (t) => {
  t.equal(scrub(`curl: ${INJECTED} refused`), 'curl: *** refused')
  t.equal(scrub(`"trovestrap_token": "${INJECTED}"`), '"trovestrap_token": ***')
})
