import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { Attestor } from '../../../host-server/attestation/attestor.ts'
import { makeAttestor } from '../../../host-server/attestation/make-attestor.ts'
import type { OpenStackSettings } from '../../../host-server/settings.ts'

const CLOUDS = 'clouds:\n  lab: {auth: {auth_url: "http://127.0.0.1:1/identity", username: admin, password: canary, project_name: admin}}\n  bare: {auth: {auth_url: "http://127.0.0.1:1"}}\n  strange: {cacert: /nowhere/ca.pem, auth: {auth_url: "https://127.0.0.1:1", username: admin, password: canary}}\n'
const ENV = { OS_AUTH_URL: 'http://127.0.0.1:1', OS_USERNAME: 'u', OS_PASSWORD: 'canary', OS_PROJECT_NAME: 'p' }

function make(t: Test, openstack: Omit<OpenStackSettings, 'from_environment'> & { from_environment?: boolean }, env: NodeJS.ProcessEnv = {}) {
  const dir = t.testdir({ usual: { 'clouds.yaml': CLOUDS.replaceAll('lab', 'usual') } })
  writeFileSync(join(dir, 'clouds.yaml'), CLOUDS)
  const file = openstack.clouds_file === undefined ? {} : { clouds_file: join(dir, openstack.clouds_file) }
  return makeAttestor({ openstack: { from_environment: false, ...openstack, ...file } }, {}, { env, cwd: join(dir, 'usual'), home: dir })
}

t.test('without a cloud nobody attests', async (t) => {
  t.equal(makeAttestor({}), undefined)
})

t.test('a cloud is found in its file, at the usual places, or in the environment', async (t) => {
  t.type(make(t, { cloud: 'lab', clouds_file: 'clouds.yaml' }), Attestor)
  t.type(make(t, { cloud: 'usual' }, { OS_CLOUD: 'other' }), Attestor)
  t.type(make(t, { from_environment: true }, { ...ENV, OS_CLOUD: 'other' }), Attestor)
})

const FAULTS: Record<string, [Parameters<typeof make>[1], RegExp, NodeJS.ProcessEnv?]> = {
  'a cloud that is not in the file': [{ cloud: 'usual', clouds_file: 'clouds.yaml' }, /^openstack: \S+clouds\.yaml has no cloud "usual"; it has lab, bare, strange$/],
  'a file that is not there, though one lies at a usual place': [{ cloud: 'usual', clouds_file: 'none.yaml' }, /^openstack: there is no \S+none\.yaml$/],
  'a cloud without a user': [{ cloud: 'bare', clouds_file: 'clouds.yaml' }, /^openstack: cloud "bare" in \S+ has no username$/],
  'a CA file that is not there': [{ cloud: 'strange', clouds_file: 'clouds.yaml' }, /^openstack: the CA file \/nowhere\/ca\.pem cannot be read: ENOENT; cacert in clouds\.yaml/],
  'no variables': [{ from_environment: true }, /^openstack: from_environment is true, and OS_AUTH_URL is not set for host-server; EnvironmentFile= in its unit may set it$/],
  'variables without a password': [{ from_environment: true }, /^openstack: OS_\* variables has no password$/, { ...ENV, OS_PASSWORD: '' }],
}

for (const [title, [openstack, message, env]] of Object.entries(FAULTS)) {
  t.test(`a start is refused in one line, without a secret: ${title}`, async (t) => {
    const error = t.throws(() => make(t, openstack, env), { name: 'SetupError', message }) as Error
    t.notMatch(error.message, /canary|\n/)
  })
}
