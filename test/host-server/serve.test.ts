import { readFileSync, writeFileSync } from 'node:fs'
import https from 'node:https'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { connect } from 'node:tls'
import { gunzipSync } from 'node:zlib'
import type { FastifyBaseLogger } from 'fastify'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { open, type Envelope } from '../../contract/envelope.ts'
import { address, FOLLOW_HEADER, ROUTES } from '../../contract/routes.ts'
import { Secret } from '../../contract/secret.ts'
import { initialise } from '../../host-server/pki/initialise.ts'
import { serve, type Serving } from '../../host-server/serve.ts'
import type { Settings } from '../../host-server/settings.ts'
import { openStore } from '../../host-server/store/open-store.ts'
import { stateFolder } from '../../host-server/state-folder.ts'
import { PASSWORD, standInCloud } from '../openstack/stand-in-cloud.ts'
import { settingsOf } from './settings-of.ts'

const ONE = '11111111-1111-4111-8111-111111111111'
const SECRET = '1'.repeat(43)

const AGENT_CONF = '[DEFAULT]\ntransport_url = rabbit://trove:secret@10.0.2.2:5672/\ncontrol_exchange = trove\n'

interface Ground {
  readonly settings: Settings
  readonly folder: string
  readonly token: string
  readonly ca: Buffer
  readonly log: () => string
  readonly logger: FastifyBaseLogger
}

/** A Trove tree as small as can be, its config, and a state made by init. */
async function ground(t: Test, changed: Partial<Settings> = {}): Promise<Ground> {
  const folder = t.testdir({
    tree: { trove: { '__init__.py': '' }, 'setup.cfg': '[metadata]\nname = trove\nversion = 18.0.0\n', 'requirements.txt': '' },
    'agent.conf': AGENT_CONF,
    'trove.conf': AGENT_CONF,
  })
  const base = settingsOf(folder)
  const settings = { ...base, source: { ...base.source, version: '18.0.0' }, ...changed }
  const { token } = await initialise(settings)
  const store = openStore(stateFolder(settings.state).database)
  store.approvals.open(86_400, new Date())
  store.close()
  let log = ''
  const sink = new Writable({ write: (chunk: Buffer, _encoding, done) => ((log += chunk.toString()), done()) })
  return {
    settings,
    folder,
    token: token!.reveal(),
    ca: readFileSync(stateFolder(settings.state).ca),
    log: () => log,
    logger: pino({ level: 'trace' }, sink) as unknown as FastifyBaseLogger,
  }
}

async function started(t: Test, on: Ground, options: { follow?: boolean } = {}): Promise<Serving> {
  const serving = await serve(on.settings, on.logger, options)
  t.teardown(() => serving.close())
  return serving
}

interface Answer {
  status: number
  body: string
  headers: NodeJS.Dict<string | string[]>
}

function ask({ address }: Serving, path: string, options: https.RequestOptions & { body?: string } = {}): Promise<Answer> {
  const { body, ...rest } = options
  return new Promise((resolve, reject) => {
    const request = https.request({ host: '127.0.0.1', port: address.port, path, agent: false, ...rest }, (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => (text += chunk.toString(response.headers['content-type'] === 'application/gzip' ? 'latin1' : 'utf8')))
      response.on('end', () => resolve({ status: response.statusCode!, body: text, headers: response.headers }))
    })
    request.on('error', reject)
    request.end(body)
  })
}

const bearer = (credential: string) => ({ authorization: `Bearer ${credential}` })

async function enrol(serving: Serving, { ca, token }: Ground): Promise<Answer> {
  const body = JSON.stringify({ instance: ONE, key: new Secret(SECRET).sha256() })
  return ask(serving, ROUTES.enrol, { ca, method: 'POST', headers: { ...bearer(token), 'content-type': 'application/json' }, body })
}

t.test('over real TLS: enrol, manifest with a signature that counts, the pack in both forms, config', async (t) => {
  const on = await ground(t)
  const serving = await started(t, on)
  const enrolment = JSON.parse((await enrol(serving, on)).body)
  const own = { ca: on.ca, headers: bearer(`${ONE}.${SECRET}`) }
  const envelope = JSON.parse((await ask(serving, ROUTES.manifest, own)).body) as Envelope
  const manifest = JSON.parse(open(envelope, enrolment.signing_keys)!.toString())
  t.match(manifest, { format: 1, revision: serving.revision, entries: [{ path: 'requirements.txt' }, { path: 'setup.cfg' }, { path: 'trove/__init__.py' }] })
  t.equal(serving.files, 3)
  const { sha256, size } = manifest.pack.zstd
  const pack = await ask(serving, address(ROUTES.content, sha256), own)
  t.same([pack.status, Number(pack.headers['content-length'])], [200, size])
  const gzip = await ask(serving, address(ROUTES.content, sha256), { ...own, headers: { ...own.headers, accept: 'application/gzip' } })
  t.same([gzip.status, gzip.headers['content-type'], gunzipSync(Buffer.from(gzip.body, 'latin1')).length], [200, 'application/gzip', manifest.pack.size])
  t.match((await ask(serving, address(ROUTES.config, ONE), own)).body, /^transport_url *= *rabbit:\/\/trove:secret@10\.0\.2\.2/m)
  t.match(JSON.parse((await ask(serving, ROUTES.health, { ca: on.ca })).body), { status: 'ok', revision: serving.revision, version: /^\d/ })
  t.notMatch(on.log(), new RegExp([SECRET, on.token.split('.')[1], 'trove:secret'].join('|')))
})

t.test('another CA is refused by the guest, and TLS 1.2 by the host', async (t) => {
  const on = await ground(t)
  const other = settingsOf(on.folder, { state: join(on.folder, 'other') })
  await initialise(other)
  const serving = await started(t, on)
  await t.rejects(ask(serving, ROUTES.health, { ca: readFileSync(stateFolder(other.state).ca) }), { code: /CERT|SIGNATURE|ISSUER/ })
  await t.rejects(ask(serving, ROUTES.health, { ca: on.ca, maxVersion: 'TLSv1.2' }), { code: /PROTOCOL_VERSION|EPROTO/ })
  await t.rejects(ask(serving, ROUTES.health, { ca: on.ca, servername: 'elsewhere' }), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
  t.equal((await ask(serving, ROUTES.health, { ca: on.ca, servername: 'controller' })).status, 200)
})

t.test('a refused body is not read: the answer comes before it, and the connection ends', async (t) => {
  const on = await ground(t)
  const serving = await started(t, on)
  const socket = connect({ host: '127.0.0.1', port: serving.address.port, ca: on.ca })
  socket.write(`POST /v1/reports/${ONE} HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n[`)
  let text = ''
  for await (const chunk of socket) text += (chunk as Buffer).toString()
  t.match(text, /^HTTP\/1\.1 401 /)
  t.match(text, /connection: close/i)
})

t.test('bytes that are no HTTP are neither answered with detail nor logged', async (t) => {
  const on = await ground(t)
  const serving = await started(t, on)
  const socket = connect({ host: '127.0.0.1', port: serving.address.port, ca: on.ca })
  socket.write('GET / HTTP/9.9\r\nAuthorization: Bearer canary-0123\r\n\r\n')
  let text = ''
  socket.on('error', () => {})
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
  await new Promise((resolve) => socket.on('close', resolve))
  t.equal(text, '')
  t.notMatch(on.log(), /canary-0123|99,97,110,97,114,121/)
})

t.test('reload takes a changed tree and a renewed certificate, and keeps the last good of what is faulty', async (t) => {
  const on = await ground(t)
  const serving = await started(t, on)
  await enrol(serving, on)
  const own = { ca: on.ca, headers: bearer(`${ONE}.${SECRET}`) }
  const health = async () => JSON.parse((await ask(serving, ROUTES.health, { ca: on.ca })).body)
  const first = JSON.parse((await ask(serving, ROUTES.manifest, own)).body)

  await serving.reload(() => on.settings)
  t.same(JSON.parse((await ask(serving, ROUTES.manifest, own)).body), first, 'the same tree keeps its envelope')

  writeFileSync(join(on.folder, 'tree/trove/new.py'), 'x = 1\n')
  const before = await certificateOf(serving, on.ca)
  await initialise(on.settings, { renew: true })
  await serving.reload(() => on.settings)
  const second = (await health()).revision
  t.not(second, serving.revision)
  t.not(await certificateOf(serving, on.ca), before)

  writeFileSync(join(on.folder, 'agent.conf'), 'not a configuration\n')
  await serving.reload(() => on.settings)
  t.match(await health(), { status: 'stale', stale: ['guest_config'], revision: second })
  t.match((await ask(serving, address(ROUTES.config, ONE), own)).body, /trove:secret/)
  t.match(on.log(), /kept the last good one: /)

  await serving.reload(() => {
    throw new Error('config.yaml has 1 fault')
  })
  t.match(await health(), { status: 'stale', stale: ['settings', 'guest_config'] })

  writeFileSync(join(on.folder, 'agent.conf'), AGENT_CONF)
  await serving.reload(() => on.settings)
  t.match(await health(), { status: 'ok', stale: undefined })
})

async function certificateOf({ address }: Serving, ca: Buffer): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port: address.port, ca })
  await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject))
  const { fingerprint256 } = socket.getPeerCertificate()
  socket.destroy()
  return fingerprint256
}

t.test('a state without init, an expired or damaged certificate: one line that says what to type', async (t) => {
  const on = await ground(t)
  const { server } = stateFolder(on.settings.state)
  const refusal = (settings: Settings) => serve(settings, on.logger).then(() => 'served', (error: Error) => `${error.name}: ${error.message}`)
  const nowhere = join(on.folder, 'nowhere')
  t.equal(await refusal({ ...on.settings, state: nowhere }), `SetupError: ${nowhere} is not initialised (${nowhere}/pki/server.pem is missing); type: trovestrap init`)
  await initialise(on.settings, { renew: true }, new Date(Date.now() - 3 * 86_400_000))
  t.match(await refusal(on.settings), /^SetupError: the server certificate expired on \d{4}-\d\d-\d\d; type: trovestrap init --renew$/)
  await initialise(on.settings, { renew: true })
  const renewed = readFileSync(server, 'utf8')
  await initialise(on.settings, { renew: true })
  writeFileSync(server, readFileSync(server, 'utf8').replace(/-----BEGIN PRIVATE KEY-----[^]*?-----END PRIVATE KEY-----/, () => /-----BEGIN PRIVATE KEY-----[^]*?-----END PRIVATE KEY-----/.exec(renewed)![0]))
  t.match(await refusal(on.settings), /^SetupError: .*server\.pem is damaged \(its key is not that of its certificate\); type: trovestrap init --renew$/)
  writeFileSync(server, 'garbage')
  t.match(await refusal(on.settings), /^SetupError: .*server\.pem is damaged \(.*\); type: trovestrap init --renew$/)
})

t.test('a faulty source and a faulty config are told together, and nothing is started', async (t) => {
  const on = await ground(t)
  writeFileSync(join(on.folder, 'agent.conf'), '[DEFAULT]\n')
  const settings = { ...on.settings, source: { ...on.settings.source, path: join(on.folder, 'nowhere') } }
  await t.rejects(serve(settings, on.logger), { name: 'SetupError', message: /^\d things to mend first:\n {2}source: .*nowhere.*\n {2}guest_config: .*transport_url/ })
})

t.test('a port in use is told with how to find who has it', async (t) => {
  const on = await ground(t)
  const other = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => other.once('listening', resolve))
  t.teardown(() => other.close())
  const { port } = other.address() as { port: number }
  await t.rejects(serve({ ...on.settings, listen: { address: '127.0.0.1', port } }, on.logger), {
    name: 'SetupError',
    message: `port ${port} of 127.0.0.1 is in use; stop what listens there (ss -ltnp 'sport = :${port}') or change listen.port`,
  })
})

t.test('a name that the certificate lacks is a warning', async (t) => {
  const on = await ground(t)
  const serving = await started(t, { ...on, settings: { ...on.settings, names: ['controller', 'other'] } })
  t.ok(serving.warnings.includes('the server certificate does not name other; type: trovestrap init --renew'))
  t.match(on.log(), /does not name other/)
})

t.test('what was enrolled and reported is there after a restart', async (t) => {
  const on = await ground(t)
  const first = await serve(on.settings, on.logger)
  await enrol(first, on)
  await first.close()
  await t.rejects(ask(first, ROUTES.health, { ca: on.ca }), { code: 'ECONNREFUSED' })
  const second = await started(t, on)
  t.equal((await ask(second, ROUTES.manifest, { ca: on.ca, headers: bearer(`${ONE}.${SECRET}`) })).status, 200)
})

t.test('with follow, a save is on its way to the guest that waits within a moment, a burst as one revision', async (t) => {
  const on = await ground(t)
  const serving = await started(t, on, { follow: true })
  await enrol(serving, on)
  const own = { ca: on.ca, headers: bearer(`${ONE}.${SECRET}`) }
  const first = await ask(serving, ROUTES.manifest, own)
  t.equal(first.headers[FOLLOW_HEADER], 'yes')
  const wait = (etag: string) => ask(serving, ROUTES.manifest, { ca: on.ca, headers: { ...own.headers, 'if-none-match': etag, prefer: 'wait=30' } })
  const waiting = wait(first.headers['etag'] as string)
  for (let i = 0; i < 20; i++) writeFileSync(join(on.folder, 'tree', 'trove', `part${i}.py`), 'x = 1\n')
  const second = await waiting
  t.equal(second.status, 200)
  t.not(second.headers['etag'], first.headers['etag'])
  const entries = JSON.parse(Buffer.from((JSON.parse(second.body) as Envelope).payload, 'base64').toString()).entries.length
  t.equal(entries, 22 + 1)
})

t.test('with a cloud in its settings, host-server asks OpenStack before it lets a new instance in', async (t) => {
  const { settings: cloud } = await standInCloud(t, {})
  const before = { ...process.env }
  t.teardown(() => Object.assign(process.env, before))
  Object.assign(process.env, { OS_AUTH_URL: cloud.authUrl, OS_USERNAME: 'admin', OS_PASSWORD: PASSWORD, OS_PROJECT_NAME: 'admin', OS_USER_DOMAIN_ID: 'default', OS_PROJECT_DOMAIN_ID: 'default' })
  const on = await ground(t, { openstack: { from_environment: true } })
  const serving = await started(t, on)
  const { status, body } = await enrol(serving, on)
  t.same([status, JSON.parse(body).code], [403, 'ATTESTATION_REFUSED'], 'Trove knows no such instance; that enrolment is open does not matter')
  t.notMatch(on.log(), PASSWORD)
})

t.test('a cloud that is not there is said before anything is served', async (t) => {
  const on = await ground(t, { openstack: { cloud: 'nowhere', clouds_file: '/nonexistent/clouds.yaml', from_environment: false } })
  await t.rejects(serve(on.settings, on.logger), { name: 'SetupError', message: /openstack: .*\/nonexistent\/clouds\.yaml/ })
})
