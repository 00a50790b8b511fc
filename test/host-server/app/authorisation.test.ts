// Every address against every kind of credential, as SECURITY.md's table says it: the document is the expectation.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { zstdCompressSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { address } from '../../../contract/routes.ts'
import { Secret } from '../../../contract/secret.ts'
import { credentialOf, hostOf, ONE, OPERATOR, PACK, PACK_SHA256, SECRETS, TWO, type Host } from '../host-of.ts'
import { reportOf } from '../store/report-of.ts'

const EXPIRED = '33333333-3333-4333-8333-333333333333'
const REVOKED = '44444444-4444-4444-8444-444444444444'
const SECRET = 'z'.repeat(43)

const ROWS = readFileSync(new URL('../../../SECURITY.md', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim().replaceAll('*', '')))
const [HEADING, ...TABLE] = ROWS.slice(ROWS.findIndex(([first]) => first === 'route')) as [string[], ...string[][]]
const UNKNOWN_V1 = 'anything else under /v1'
const UNKNOWN = 'anything else'

t.test('each address answers each credential as the table says', async (t) => {
  const host = await hostIn(t)
  const credentials = credentialsOf(host)
  t.same(HEADING.slice(1), Object.keys(credentials), "the table's columns are the kinds of credential")
  for (const [route, ...expected] of TABLE) {
    const got = []
    for (const credential of Object.values(credentials)) got.push(String(await ask(host, route!, credential)))
    t.same(got, expected, route!)
  }
})

t.test('host-server has no address that the table does not name', async (t) => {
  const host = await hostIn(t)
  const described = (host.app.swagger() as { paths: Record<string, Record<string, unknown>> }).paths
  const routes = Object.entries(described).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`))
  const named = TABLE.map(([route]) => route!)
  t.same([...routes, 'GET /openapi.json'].filter((route) => !named.includes(route)), [])
})

t.test('HEAD is a GET without its body, for everybody', async (t) => {
  const host = await hostIn(t)
  for (const [route, ...expected] of TABLE.filter(([route]) => route!.startsWith('GET /'))) {
    const got = []
    for (const credential of Object.values(credentialsOf(host))) {
      goOn(host)
      const { statusCode, body } = await host.ask('HEAD', filled(route!.slice(4)), credential)
      t.equal(body, '')
      got.push(String(statusCode))
    }
    t.same(got, expected, route!)
  }
})

t.test('every other method of every address is refused to everybody', async (t) => {
  const host = await hostIn(t)
  for (const [route] of TABLE.filter(([route]) => route!.includes(' /'))) {
    const [own, path] = route!.split(' ') as [string, string]
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const) {
      if (method === own) continue
      for (const credential of Object.values(credentialsOf(host))) {
        goOn(host)
        const { statusCode } = await host.ask(method, filled(path), credential)
        t.ok([401, 404].includes(statusCode), `${method} ${path}: ${statusCode}`)
      }
    }
  }
})

/** So that nobody is told to wait for asking too often. */
function goOn({ clock }: Host): void {
  clock.now = new Date(clock.now.getTime() + 4000)
}

async function ask(host: Host, route: string, credential: string | undefined): Promise<number> {
  goOn(host)
  if (route === UNKNOWN_V1) return (await host.ask('GET', '/v1/nothing', credential)).statusCode
  if (route === UNKNOWN) return (await host.ask('GET', '/nothing', credential)).statusCode
  const [method, path] = route.split(' ') as ['GET' | 'POST', string]
  const key = new Secret(SECRETS[ONE]!).sha256()
  const bodies: Record<string, object> = { '/v1/enrol': { instance: ONE, key }, '/v1/contents': [PACK_SHA256], '/v1/reports/:instance': reportOf(1) }
  return (await host.ask(method, filled(path), credential, bodies[path] ? { payload: bodies[path] } : {})).statusCode
}

function filled(path: string): string {
  const values: Record<string, string> = { ':sha256': PACK_SHA256, ':project': 'tool', ':file': 'tool-1.0.tar.gz', ':instance': ONE }
  const [parameter] = /:[a-z0-9]+/.exec(path) ?? []
  return parameter === undefined ? path : address(path, values[parameter]!)
}

function credentialsOf({ store, clock: { now } }: Host): Record<string, string | undefined> {
  const token = store.tokens.create({ lifetime: 86_400 }, now).token.reveal()
  const revoked = store.tokens.create({ lifetime: 86_400 }, now)
  store.tokens.revoke(revoked.id, now)
  return {
    none: undefined,
    'wrong form': 'Bearer of bad news',
    'wrong instance secret': `${ONE}.${SECRET}`,
    'expired instance': `${EXPIRED}.${SECRET}`,
    'revoked instance': `${REVOKED}.${SECRET}`,
    'wrong token': `${token.slice(0, 7)}${'x'.repeat(16)}`,
    'expired token': store.tokens.create({ lifetime: 1 }, new Date(now.getTime() - 5000)).token.reveal(),
    'revoked token': revoked.token.reveal(),
    token,
    'other instance': credentialOf(TWO),
    'instance itself': credentialOf(ONE),
    'wrong operator': `operator.${'x'.repeat(43)}`,
    operator: `operator.${OPERATOR}`,
  }
}

async function hostIn(t: Test): Promise<Host> {
  const pack = join(t.testdirName, 'packed')
  const host = await hostOf(t, {
    offer: { content: new Map([[PACK_SHA256, pack]]), manifest: { revision: 'a'.repeat(64), etag: '"m"', body: '{}', zstd: Buffer.of(), pack: { sha256: PACK_SHA256, pieces: [{ sha256: PACK_SHA256, size: PACK.length }] } } },
  })
  writeFileSync(pack, zstdCompressSync(PACK))
  await host.app.ready()
  const { store, clock: { now } } = host
  const key = new Secret(SECRET).sha256()
  for (const [instance, end] of [[EXPIRED, -1], [REVOKED, 86_400]] as const) {
    store.instances.enrol({ instance, admitted: 'a test', key, address: '10.0.2.15', expires: new Date(now.getTime() + end * 1000) }, now)
  }
  store.instances.revoke(REVOKED, now)
  host.enrol(ONE)
  host.enrol(TWO)
  return host
}
