import { inspect } from 'node:util'
import t from 'tap'
import { Secret } from '../../contract/secret.ts'
import { Cloud } from '../../openstack/cloud.ts'
import { trustOf } from '../../openstack/http/trust.ts'
import { logIn } from '../../openstack/identity/log-in.ts'
import { PASSWORD, patience, PROJECT, standInCloud } from './stand-in-cloud.ts'

const ONE = `/v1.0/${PROJECT}/instances`
const call = { service: 'database', path: '/instances' } as const

t.test('it logs in once for all who ask, and asks with the token', async (t) => {
  const { cloud, asked, logins } = await standInCloud(t, { [`GET ${ONE}`]: () => ({ instances: [] }) })
  t.same(await Promise.all([cloud.read(call, patience()), cloud.read(call, patience())]), [{ instances: [] }, { instances: [] }])
  t.equal(logins(), 1)
  t.same(asked[0]!.body, {
    auth: {
      identity: { methods: ['password'], password: { user: { name: 'admin', domain: { id: 'default' }, password: PASSWORD } } },
      scope: { project: { name: 'admin', domain: { id: 'default' } } },
    },
  })
  t.equal(asked[1]!.headers['x-auth-token'], 'token-1')
  t.match(cloud.secrets, [PASSWORD, 'token-1'])
})

t.test('an application credential and a token log in without a scope of ours where none may be', async (t) => {
  const { settings, asked } = await standInCloud(t, {})
  await new Cloud({ ...settings, login: { kind: 'application-credential', credential: { id: 'abc' }, secret: new Secret('s') } }).session(patience())
  await new Cloud({ ...settings, login: { kind: 'application-credential', credential: { name: 'ci', user: { id: 'u' } }, secret: new Secret('s') } }).session(patience())
  await new Cloud({ ...settings, login: { kind: 'token', token: new Secret('gAAA'), project: { id: 'p' } } }).session(patience())
  t.same(
    asked.map(({ body }) => (body as { auth: unknown }).auth),
    [
      { identity: { methods: ['application_credential'], application_credential: { id: 'abc', secret: 's' } } },
      { identity: { methods: ['application_credential'], application_credential: { name: 'ci', user: { id: 'u' }, secret: 's' } } },
      { identity: { methods: ['token'], token: { id: 'gAAA' } }, scope: { project: { id: 'p' } } },
    ],
  )
})

t.test('a token that has run out is renewed once, for all whose it was', async (t) => {
  const { cloud, logins } = await standInCloud(t, {
    [`GET ${ONE}`]: async ({ headers }, reply) => (headers['x-auth-token'] === 'token-1' ? reply.code(401).send({ error: { message: 'expired' } }) : { instances: [] }),
  })
  await Promise.all([cloud.read(call, patience()), cloud.read(call, patience()), cloud.read(call, patience())])
  t.equal(logins(), 2)
})

t.test('what it logged in with over months does not pile up', async (t) => {
  const { cloud, logins } = await standInCloud(t, { [`GET ${ONE}`]: async (_, reply) => reply.code(401).send({}) })
  for (let time = 0; time < 10; time++) await t.rejects(cloud.read(call, patience()), { name: 'CloudError', status: 401 })
  t.equal(logins(), 11)
  t.same(cloud.secrets, [PASSWORD, ...[4, 5, 6, 7, 8, 9, 10, 11].map((number) => `token-${number}`)])
})

t.test('a fresh token that is refused too ends in an error, and in no third login', async (t) => {
  const { cloud, logins } = await standInCloud(t, { [`GET ${ONE}`]: async (_, reply) => reply.code(401).send({ error: { message: `who is ${PASSWORD} with token-2?` } }) })
  const error = (await t.rejects(cloud.read(call, patience()), { name: 'CloudError', status: 401, message: /^Trove answers GET \/instances with 401: .*export OS_CLOUD=/ })) as Error
  t.notMatch(error.message, new RegExp(`${PASSWORD}|token-2`))
  t.equal(logins(), 2)
})

t.test('a service that says when to come back is asked again then, once', async (t) => {
  let times = 0
  const { cloud } = await standInCloud(t, { [`GET ${ONE}`]: async (_, reply) => (++times === 1 ? reply.code(503).header('retry-after', '0').send({}) : { instances: [] }) })
  t.same(await cloud.read(call, patience()), { instances: [] })
  const always = await standInCloud(t, { [`GET ${ONE}`]: async (_, reply) => reply.code(429).header('retry-after', '0').send({ overLimit: { message: 'slow down' } }) })
  await t.rejects(always.cloud.read(call, patience()), { status: 429, message: 'Trove answers GET /instances with 429: slow down' })
  t.equal(always.asked.filter(({ url }) => url === ONE).length, 2)
})

t.test('nobody waits for a Retry-After that is beyond the deadline', async (t) => {
  const { cloud, asked } = await standInCloud(t, { [`GET ${ONE}`]: async (_, reply) => reply.code(503).header('retry-after', '60').send({}) })
  await t.rejects(cloud.read(call, patience()), { name: 'CloudError', status: 503 })
  t.equal(asked.length, 2)
})

t.test('what Keystone refuses is one line, with what to type and without the password', async (t) => {
  const { cloud, url } = await standInCloud(t, {
    'POST /identity/v3/auth/tokens': async (_, reply) => reply.code(401).send({ error: { code: 401, message: `The request you have made\nrequires authentication ${PASSWORD}.`, title: 'Unauthorized' } }),
  })
  await t.rejects(cloud.session(patience()), {
    name: 'CloudError',
    status: 401,
    message: `Keystone ${url}/identity/v3 refuses user "admin" of clouds.yaml (401: The request you have made requires authentication ***.); the same with: openstack --os-cloud lab token issue`,
  })
})

t.test('what is not Keystone is said to be none', async (t) => {
  const page = await standInCloud(t, { 'POST /identity/v3/auth/tokens': async (_, reply) => reply.code(201).type('text/html').send('<h1>hello</h1>') })
  await t.rejects(page.cloud.session(patience()), { message: /is not Keystone v3: its answer has no token/ })
  const moved = await standInCloud(t, { 'POST /identity/v3/auth/tokens': async (_, reply) => reply.redirect('http://192.0.2.1/', 302) })
  await t.rejects(moved.cloud.session(patience()), { message: /answers the login with 302/ })
})

t.test('a login for no project is said to be one', async (t) => {
  const { cloud } = await standInCloud(t, { 'POST /identity/v3/auth/tokens': async (_, reply) => reply.code(201).header('x-subject-token', 'x').send({ token: { methods: ['password'] } }) })
  await t.rejects(cloud.session(patience()), { message: /is for no project: project_name in clouds\.yaml/ })
})

t.test('nobody there, and a certificate nobody knows, are told apart', async (t) => {
  const { settings } = await standInCloud(t, {})
  await t.rejects(new Cloud({ ...settings, authUrl: 'http://127.0.0.1:1/v3' }).session(patience()), { message: 'Keystone at 127.0.0.1:1: connection refused' })
  await t.rejects(new Cloud({ ...settings, authUrl: settings.authUrl.replace('http:', 'https:') }).session(patience()), { message: /does not speak TLS/ })
  t.throws(() => new Cloud({ ...settings, authUrl: 'https://x/v3', caFile: '/nowhere/ca.pem' }), { message: /^the CA file \/nowhere\/ca\.pem cannot be read: ENOENT/ })
})

t.test('a Keystone that never answers ends with the patience of who asks, and not later', async (t) => {
  const stuck = Promise.withResolvers<void>()
  t.teardown(() => stuck.resolve())
  const { cloud } = await standInCloud(t, { 'POST /identity/v3/auth/tokens': async () => stuck.promise })
  await t.rejects(cloud.session(patience(50)), { silent: true, message: 'Keystone gives no answer in time' })
})

t.test('a service that never ends its answer, or has none, ends too', async (t) => {
  const chunk = 'x'.repeat(1024 * 1024)
  const { cloud } = await standInCloud(t, {
    [`GET ${ONE}`]: async (_, reply) => reply.send(ReadableStream.from((function* () { for (;;) yield Buffer.from(chunk) })())),
    [`GET ${ONE}/silent`]: async () => new Promise(() => {}),
  })
  await t.rejects(cloud.read(call, patience()), { message: /^Trove at 127\.0\.0\.1:\d+ answers with more than 16 MiB$/ })
  await t.rejects(cloud.read({ ...call, path: '/instances/silent' }, patience(100)), { silent: true, message: /gives no answer in time$/ })
})

t.test('what failed prints neither password nor token, its causes included', async (t) => {
  const { settings, cloud } = await standInCloud(t, {
    'POST /identity/v3/silent/v3/auth/tokens': async () => new Promise(() => {}),
    [`GET ${ONE}`]: async (_, reply) => reply.raw.destroy(),
    [`GET ${ONE}/silent`]: async () => new Promise(() => {}),
  })
  const canary = new RegExp(`${PASSWORD}|token-1`)
  await cloud.session(patience())
  for (const failing of [
    () => new Cloud({ ...settings, authUrl: 'http://127.0.0.1:1/v3' }).session(patience()),
    () => logIn({ ...settings, authUrl: `${settings.authUrl}/silent/v3` }, trustOf(settings), patience(50)),
    () => cloud.read(call, patience()),
    () => cloud.read({ ...call, path: '/instances/silent' }, patience(50)),
  ]) {
    const error = await failing().then(() => t.fail('it did not fail'), (error: unknown) => error)
    t.match(error, { name: 'CloudError' })
    t.notMatch(inspect(error, { depth: 20, showHidden: true }), canary)
  }
})

t.test('a token follows no redirect', async (t) => {
  const { cloud, asked } = await standInCloud(t, { [`GET ${ONE}`]: async (_, reply) => reply.redirect('/elsewhere', 302) })
  await t.rejects(cloud.read(call, patience()), { name: 'CloudError', status: 302 })
  t.equal(asked.length, 2)
})

t.test('a cloud does not print what opens it', async (t) => {
  const { cloud } = await standInCloud(t, {})
  await cloud.session(patience())
  t.notMatch(inspect(cloud, { depth: 9, showHidden: true }), new RegExp(`${PASSWORD}|token-1`))
})
