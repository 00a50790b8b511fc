// The whole road over the real host-server app, TLS and all; only RabbitMQ, systemd and Python are told by the test.
import { join } from 'node:path'
import { writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { zstdCompressSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { GUEST, UNITS } from '../../contract/paths.ts'
import { Fault } from '../../contract/fault.ts'
import type { Report } from '../../contract/report.ts'
import { Secret } from '../../contract/secret.ts'
import { bringUp } from '../../guest-bootstrap/engine.ts'
import { closeConnections } from '../../guest-bootstrap/machine/real-http.ts'
import { reporter } from '../../guest-bootstrap/reports/reporter.ts'
import { bringUpStages } from '../../guest-bootstrap/stages.ts'
import type { AmqpSession } from '../../guest-bootstrap/system.ts'
import { buildApp } from '../../host-server/app.ts'
import { piecesOf } from '../../host-server/offer/cut-pack.ts'
import type { Offer } from '../../host-server/offer/offer.ts'
import { layTree } from '../../host-server/prebake/lay-tree.ts'
import { makeCa, makeServerCertificate } from '../../host-server/pki/certificates.ts'
import { openStore } from '../../host-server/store/open-store.ts'
import { INSTANCE, machine, type Machine } from './machine.ts'
import { signedTree, SIGNING_KEYS, type SignedTree } from './signed-tree.ts'
import { RUNS } from './unit-states.ts'
import { wellBroker } from './well-broker.ts'

const TREE = { 'contrib/trove-guestagent': '#!/usr/bin/env python3\n', 'trove/__init__.py': '', 'trove/cmd/guest.py': 'def main(): pass\n' }
const SURVEY = JSON.stringify({ version: '3.11.2', managed: true, pip: true, allowed: true, missing: [], found: [] })

interface Host {
  url: string
  ca: string
  token: string
  offer: { -readonly [K in keyof Offer]: Offer[K] }
  clock: { now: Date | undefined }
  serve(tree: SignedTree): void
  /** Lets the guest in that waits. */
  approve(): void
}

async function host(t: Test, { open = true } = {}): Promise<Host> {
  const folder = t.testdir()
  const store = openStore(join(folder, 'db.sqlite'))
  const ca = await makeCa('test', new Date())
  const { key, certificate } = await makeServerCertificate(ca, ['127.0.0.1'], 86_400, new Date())
  const clock: Host['clock'] = { now: undefined }
  const offer = { config: { etag: '"c1"', text: '[DEFAULT]\ntransport_url = rabbit://trove:s3cret@10.0.2.2:5672/trove\ncontrol_exchange = trove\n' }, stale: [] } as unknown as Host['offer']
  const app = await buildApp(
    {
      store,
      offer: () => offer as Offer,
      signingKeys: () => SIGNING_KEYS,
      operator: () => new Secret('x').sha256(),
      credentialLifetime: () => 3600,
      clock: () => clock.now ?? new Date(),
      version: '1',
    },
    { https: { key, cert: certificate, minVersion: 'TLSv1.3' } },
  )
  await app.listen({ host: '127.0.0.1', port: 0 })
  if (open) store.approvals.open(86_400, new Date())
  t.teardown(async () => {
    closeConnections()
    await app.close()
    store.close()
  })
  const served: Host = {
    url: `https://127.0.0.1:${(app.server.address() as AddressInfo).port}`,
    ca: ca.certificate,
    token: store.tokens.create({ lifetime: 86_400 }, new Date()).token.reveal(),
    offer,
    clock,
    approve: () => store.approvals.approve(INSTANCE, store.approvals.waiting()[0]!.key, 3600, new Date()),
    serve({ manifest, body, pack }) {
      const path = join(folder, manifest.pack.zstd.sha256)
      writeFileSync(path, pack)
      offer.manifest = { revision: manifest.revision, etag: `"${manifest.revision}"`, body, zstd: zstdCompressSync(body), pack: { sha256: manifest.pack.zstd.sha256, pieces: piecesOf(manifest.entries) } }
      offer.content = new Map([[manifest.pack.zstd.sha256, path]])
    },
  }
  served.serve(signedTree(TREE))
  return served
}

function guest(t: Test, host: Host, amqp: () => Promise<AmqpSession> = async () => wellBroker()): Machine {
  const guest = machine(t, {
    urls: [host.url],
    ca: host.ca,
    changed: { amqp },
    programs: (program, args) => {
      if (program === '/usr/bin/python3') return { stdout: SURVEY }
      if (args[0] === 'show') return { stdout: RUNS }
      return {}
    },
  })
  guest.put(GUEST.config, JSON.stringify({ format: 1, urls: [host.url], token: host.token, agent: { user: 'trove' } }), 0o600)
  guest.put('/etc/trove/conf.d/guest_info.conf', `[DEFAULT]\nguest_id = ${INSTANCE}\ndatastore_manager = mysql\n`)
  guest.put('/usr/bin/python3', '')
  return guest
}

async function run({ system }: Machine): Promise<string[]> {
  const said: Report[] = []
  await bringUp(bringUpStages, system, { announce: reporter(system, [(report) => said.push(report)]), chance: () => 0 })
  return said.filter((report) => report.state !== 'begun').map(({ stage, state, note, fault }) => `${stage} ${state} ${fault?.code ?? note}`)
}

t.test('a guest that knows nothing becomes ready, stage by stage', async (t) => {
  const there = await host(t)
  const { revision } = signedTree(TREE).manifest
  const it = guest(t, there)
  const said = await run(it)
  t.match(said, [
    `identify done guest_id ${INSTANCE} from /etc/trove/conf.d/guest_info.conf`,
    /^network done 10\.0\.2\.15 on eth0 · https:\/\/127\.0\.0\.1:\d+ · clock agrees$/,
    /^enrol done credential until /,
    `fetch done ${revision.slice(0, 7)} (trove 18.0.0): 3 files, 0.0 MB (0.0 MB sent), verified`,
    'configure done guest_info.conf, trovestrap.conf',
    'install-requirements done Python 3.11.2, 0 requirements met',
    'reach-rabbitmq done 10.0.2.2:5672 (RabbitMQ 3.10.8) vhost trove user trove exchange trove',
    `start-agent done ${UNITS.agent} as trove from ${revision.slice(0, 7)} with /usr/bin/python3`,
    `confirm done guestagent.${INSTANCE} has its consumer`,
  ])
  t.match(it.get('/run/systemd/system/trovestrap-agent.service.d/50-source.conf'), `ExecStart=/usr/bin/python3 ${GUEST.source}/${revision}/contrib/trove-guestagent --config-dir=/etc/trove/conf.d`)
  t.match(it.get('/run/trovestrap/agent.env'), `PYTHONPATH=${GUEST.source}/${revision}\n`)
  t.equal(it.system.files.stat(GUEST.servedConfig)?.mode, 0o600)
  t.equal(it.system.files.stat('/etc/trove/conf.d/guest_info.conf')?.mode, 0o600)
})

t.test('a guest that nobody has let in yet waits in enrol, and goes on once the operator approves it', async (t) => {
  const there = await host(t, { open: false })
  const it = guest(t, there)
  const slept: number[] = []
  const sleep = async (seconds: number): Promise<void> => {
    slept.push(seconds)
    if (slept.length === 7) there.approve()
    await it.system.clock.sleep(seconds)
  }
  const said = await run({ ...it, system: { ...it.system, clock: { ...it.system.clock, sleep } } })
  t.match(said.slice(2, 6), ['enrol failed APPROVAL_PENDING', 'enrol failed APPROVAL_PENDING', 'enrol failed APPROVAL_PENDING', 'enrol failed APPROVAL_PENDING'])
  t.match(said.find((line) => line.startsWith('enrol done')), /credential until/)
  t.match(said.at(-1), /^confirm done/)
  t.same(slept.slice(0, 7), [1, 2, 4, 8, 15, 15, 15], 'never longer than 15 s')
})

t.test('a daemon that is started again leaves a running agent alone', async (t) => {
  const there = await host(t)
  const it = guest(t, there)
  await run(it)
  it.ran.length = 0
  const said = await run(it)
  t.same(said.slice(0, -1).filter((line) => !line.endsWith('done as it should be already')), [])
  t.same(it.ran.filter(({ line }) => line.includes('restart')), [])
})

t.test('a configuration that is mended on the host is taken while the guest waits for RabbitMQ', async (t) => {
  const there = await host(t)
  const refused = (password: string): boolean => password !== 'mended'
  const it = guest(t, there)
  const system = {
    ...it.system,
    amqp: async (target: Parameters<typeof it.system.amqp>[0]) => {
      if (!refused(target.password.reveal())) return wellBroker()
      there.offer.config = { etag: '"c2"', text: there.offer.config.text.replace('s3cret', 'mended') }
      throw new Fault('AMQP_LOGIN_REFUSED', { user: target.user })
    },
  }
  const said = await run({ ...it, system })
  t.match(said.slice(6), [
    'reach-rabbitmq failed AMQP_LOGIN_REFUSED',
    'configure done guest_info.conf, trovestrap.conf',
    /^reach-rabbitmq done /,
    /^start-agent done /,
    /^confirm done /,
  ])
})

t.test('a credential that the host no longer accepts is asked for anew, with the same secret', async (t) => {
  const there = await host(t)
  const it = guest(t, there)
  await run(it)
  const before = JSON.parse(it.get('/var/lib/trovestrap/enrolment.json')) as { secret: string }
  there.clock.now = new Date(Date.now() + 2 * 3600_000)
  const said = await run(it)
  t.match(said, [
    /^identify done/,
    /^network done as/,
    /^enrol done as/,
    /^fetch failed CREDENTIAL_REFUSED/,
    /^enrol done credential until/,
    /^fetch done as/,
    /^configure done as/,
  ])
  t.equal((JSON.parse(it.get('/var/lib/trovestrap/enrolment.json')) as { secret: string }).secret, before.secret)
})

t.test('a guest whose host is away goes on with what it has, and says so', async (t) => {
  const there = await host(t)
  const it = guest(t, there)
  await run(it)
  it.system.files.remove('/run')
  it.put(GUEST.config, it.get(GUEST.config).replace(there.url, 'https://127.0.0.1:1'), 0o600)
  const said = await run(it)
  t.match(said[1], /^network done no host \(the host refused the connection: 127.0.0.1:1\); going on with what is here$/)
  t.match(said.at(-1), /^confirm done/)
})

t.test('a guest that went on alone with the tree of its image enrols when it starts again with its host there, and fetches nothing twice', async (t) => {
  const there = await host(t)
  const it = guest(t, there)
  const contents = Buffer.from(Object.keys(TREE).sort().map((path) => TREE[path as keyof typeof TREE]).join(''))
  for (const laid of layTree(signedTree(TREE).manifest, contents)) {
    if (laid.kind === 'folder') it.system.files.folder(laid.path, laid)
    else if (laid.kind === 'link') it.system.files.symlink(laid.path, laid.target)
    else if ('bytes' in laid.content) it.put(laid.path, laid.content.bytes.toString(), laid.mode)
  }
  it.put('/etc/trove/conf.d/trove-guestagent.conf', there.offer.config.text)
  const config = it.get(GUEST.config)
  it.put(GUEST.config, config.replace(there.url, 'https://127.0.0.1:1'), 0o600)
  const alone = await run(it)
  t.match(alone.find((line) => line.startsWith('enrol')), /not enrolled/)
  t.match(alone.at(-1), /^confirm done/)

  it.system.files.remove('/run')
  it.put(GUEST.config, config, 0o600)
  there.offer.content = new Map()
  const said = await run(it)
  t.match(said.slice(1, 5), [
    /^network done .* https:/,
    /^enrol done credential until/,
    /^fetch done .* there already, verified$/,
    'configure done guest_info.conf, trove-guestagent.conf, trovestrap.conf',
  ])
})

t.test('of a new revision only the files that differ are sent, each once', async (t) => {
  const there = await host(t)
  const big = 'x = 1\n'.repeat(5000)
  const old = signedTree({ ...TREE, 'trove/big.py': big })
  there.serve(old)
  const it = guest(t, there)
  await run(it)
  const fresh = signedTree({ ...TREE, 'trove/big.py': big, 'trove/moved.py': big, 'trove/cmd/guest.py': 'new\n', 'trove/twice.py': 'new\n', 'trove/zero.py': '' })
  there.serve(fresh)
  there.offer.content = new Map(there.offer.content)
  const urls: string[] = []
  const system = { ...it.system, http: (request: Parameters<typeof it.system.http>[0]) => (urls.push(`${request.method ?? 'GET'} ${new URL(request.url).pathname}`), it.system.http(request)) }
  const said = await run({ ...it, system })
  t.match(said.find((line) => line.startsWith('fetch done')), fresh.manifest.revision.slice(0, 7))
  t.ok(urls.includes('POST /v1/contents'))
  t.notMatch(urls.join('\n'), /\/v1\/content\//)
  for (const [path, text] of [['trove/cmd/guest.py', 'new\n'], ['trove/twice.py', 'new\n'], ['trove/moved.py', big], ['trove/zero.py', '']] as const) t.equal(it.get(`${GUEST.source}/${fresh.manifest.revision}/${path}`), text)
})
