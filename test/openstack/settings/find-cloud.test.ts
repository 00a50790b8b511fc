import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import t, { type Test } from 'tap'
import type { Login } from '../../../openstack/settings/cloud-settings.ts'
import { findCloud } from '../../../openstack/settings/find-cloud.ts'

const ENV = { OS_AUTH_URL: 'http://10.0.0.1/identity', OS_USERNAME: 'admin', OS_PASSWORD: 'env-secret', OS_PROJECT_NAME: 'admin' }

const DEVSTACK = `
clouds:
  devstack:
    auth:
      auth_url: http://10.0.0.1/identity
      password: 0123
      project_domain_id: default
      project_name: demo
      user_domain_id: default
      username: demo
    identity_api_version: '3'
    region_name: RegionOne
    volume_api_version: '3'
`

t.test('the only cloud of clouds.yaml is taken, as devstack writes it', async (t) => {
  const found = look(t, { 'clouds.yaml': DEVSTACK })
  t.match(found, {
    name: 'devstack',
    from: /clouds\.yaml$/,
    authUrl: 'http://10.0.0.1/identity/v3',
    login: { kind: 'password', user: { name: 'demo', domain: { id: 'default' } }, project: { name: 'demo', domain: { id: 'default' } } },
    region: 'RegionOne',
    interface: 'public',
    verify: true,
    endpoints: {},
  })
  t.equal(secret(found!.login), '83', 'a number is read as YAML reads it, as the openstack client does')
})

t.test('$OS_CLOUD names one of several, and secure.yaml completes it', async (t) => {
  const clouds = `
clouds:
  a: {auth: {auth_url: "https://a:5000/v3/", username: u, project_id: p1}, verify: false}
  b: {auth: {auth_url: "https://b:5000", application_credential_id: abc}, auth_type: v3applicationcredential, cacert: /etc/ca.pem, interface: internal, region_name: R2, database_endpoint_override: "http://trove:8779/v1.0/p"}
`
  const secure = 'clouds: {a: {auth: {password: s1}}, b: {auth: {application_credential_secret: s2}}}'
  const files = { 'clouds.yaml': clouds, '.config/openstack/secure.yaml': secure }
  const a = look(t, files, { OS_CLOUD: 'a' })
  t.match(a, { authUrl: 'https://a:5000/v3', verify: false, login: { project: { id: 'p1' }, user: { name: 'u', domain: { id: 'default' } } } })
  t.equal(secret(a!.login), 's1')
  const b = look(t, files, { OS_CLOUD: 'b', OS_REGION_NAME: 'R3' })
  t.match(b, { login: { kind: 'application-credential', credential: { id: 'abc' } }, caFile: '/etc/ca.pem', interface: 'internal', region: 'R3', endpoints: { database: 'http://trove:8779/v1.0/p' } })
  t.equal(secret(b!.login), 's2')
  t.throws(() => look(t, files), { message: /clouds\.yaml has 2 clouds: export OS_CLOUD=a or b$/ })
  t.throws(() => look(t, files, { OS_CLOUD: 'c' }), { message: /has no cloud "c"; it has a, b$/ })
  t.throws(() => look(t, files, { OS_CLOUD: 'toString' }), { message: /has no cloud "toString"/ })
})

t.test('$OS_CLIENT_CONFIG_FILE comes before the usual places', async (t) => {
  const other = DEVSTACK.replace('devstack', 'other')
  const found = look(t, { 'clouds.yaml': DEVSTACK, 'x/mine.yaml': other }, (dir) => ({ OS_CLIENT_CONFIG_FILE: join(dir, 'x/mine.yaml') }))
  t.match(found, { name: 'other', from: /mine\.yaml$/ })
})

t.test('the OS_* variables are a cloud of their own', async (t) => {
  const found = look(t, { 'clouds.yaml': DEVSTACK }, { ...ENV, OS_INTERFACE: 'internalURL', OS_CACERT: '/ca', OS_USER_DOMAIN_NAME: 'Heat', OS_PROJECT_DOMAIN_ID: 'd7' })
  t.match(found, {
    from: 'OS_* variables',
    interface: 'internal',
    caFile: '/ca',
    login: { user: { name: 'admin', domain: { name: 'Heat' } }, project: { name: 'admin', domain: { id: 'd7' } } },
  })
  t.notOk('name' in found!)
  t.equal(secret(found!.login), 'env-secret')
})

t.test('a token and an application credential by name are understood', async (t) => {
  const { OS_PASSWORD: _, ...env } = ENV
  t.match(look(t, {}, { ...env, OS_TOKEN: 'gAAA' })!.login, { kind: 'token', project: { name: 'admin' } })
  const named = { OS_AUTH_URL: ENV.OS_AUTH_URL, OS_APPLICATION_CREDENTIAL_NAME: 'ci', OS_APPLICATION_CREDENTIAL_SECRET: 's', OS_USER_ID: 'u9' }
  t.match(look(t, {}, named)!.login, { kind: 'application-credential', credential: { name: 'ci', user: { id: 'u9' } } })
})

t.test('nothing that speaks of a cloud is no error', async (t) => {
  t.equal(look(t, {}), undefined)
  t.equal(look(t, { 'clouds.yaml': 'clouds: {}' }), undefined)
})

const REFUSED: Record<string, [file: string, env: NodeJS.ProcessEnv, message: RegExp]> = {
  'no password': ['clouds: {a: {auth: {auth_url: "http://x", username: u}}}', {}, /^cloud "a" in .* has no password$/],
  'no address': ['clouds: {a: {profile: vendor, auth: {username: u}}}', {}, /has no auth_url \(profiles of vendors are not looked up\)/],
  'an address that is none': ['clouds: {a: {auth: {auth_url: "ldap://x", username: u, password: canary}}}', {}, /is no http\(s\) address$/],
  'a way of logging in that is not ours': ['clouds: {a: {auth_type: v3oidcpassword, auth: {auth_url: "http://x", password: canary}}}', {}, /v3oidcpassword.*openstack application credential create/],
  'an interface that is none': ['clouds: {a: {interface: canadian, auth: {auth_url: "http://x", username: u, password: canary}}}', {}, /expected public, internal or admin$/],
  'a file that is no YAML': ['clouds:\n  a: {auth: {password: canary: [\n', {}, /clouds\.yaml line \d+ is not YAML \(\w+\)$/],
  'a file without clouds': ['- canary', {}, /has no "clouds:" with clouds below it$/],
  'one that is nested deeper than a stack': ['- '.repeat(20_000), {}, /nested too deeply$|is not YAML \(\w+\)$/],
  'a bomb of aliases': [bomb(), {}, /an alias in it leads nowhere, or to too much$/],
  'a named cloud without a file': ['', { OS_CLOUD: 'x' }, /"x" is asked for and there is no clouds\.yaml/],
}

for (const [name, [file, env, message]] of Object.entries(REFUSED)) {
  t.test(`${name} is refused in one line that quotes no secret`, async (t) => {
    const error = t.throws(() => look(t, file === '' ? {} : { 'clouds.yaml': file }, env), { name: 'CloudError', message }) as Error
    t.notMatch(inspect(error.message), /canary|\n/)
  })
}

t.test('a clouds.yaml that cannot be read is said, and not passed over', async (t) => {
  t.throws(() => look(t, { 'clouds.yaml/x': '' }), { message: /clouds\.yaml cannot be read: EISDIR$/ })
})

t.test('a secret does not print', async (t) => {
  t.notMatch(inspect(look(t, {}, ENV), { depth: 9 }) + JSON.stringify(look(t, {}, ENV)), /env-secret/)
})

function look(t: Test, files: Record<string, string>, env: NodeJS.ProcessEnv | ((dir: string) => NodeJS.ProcessEnv) = {}) {
  const dir = t.testdir({})
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(dir, path, '..'), { recursive: true })
    writeFileSync(join(dir, path), text)
  }
  return findCloud(undefined, { env: typeof env === 'function' ? env(dir) : env, cwd: dir, home: dir })
}

function secret(login: Login): string {
  return (login.kind === 'password' ? login.password : login.kind === 'token' ? login.token : login.secret).reveal()
}

function bomb(): string {
  const levels = Array.from({ length: 9 }, (_, i) => `l${i + 1}: &l${i + 1} [${Array(9).fill(`*l${i}`).join(', ')}]`)
  return ['l0: &l0 [canary]', ...levels, 'clouds: {a: *l9}'].join('\n')
}
