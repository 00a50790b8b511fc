import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { registerDiagnose } from '../../cli/diagnose.ts'
import type { Diagnosis } from '../../diagnosis/diagnosis.ts'
import type { Evidence } from '../../diagnosis/evidence.ts'
import { INSTANCE as ROW } from '../diagnosis/collect/context.ts'
import { troveDatabase } from '../diagnosis/collect/trove-database/trove-rows.ts'
import { brokerOf, evidenceOf, INSTANCE, recordOf, troveOf } from '../diagnosis/seen-of.ts'
import { runVerb } from './run-verb.ts'

for (const name of Object.keys(process.env)) if (/^OS_|^SSH_AUTH_SOCK$|^TROVESTRAP_/.test(name)) delete process.env[name]
const NOT_HERE = ['--without', 'machine', 'broker_log', 'trove_logs']

const diagnose = (t: Test, ...argv: string[]) => runVerb(t, registerDiagnose, '/nowhere/trovestrap.yaml', 'diagnose', ...argv)

function evidenceFile(t: Test, evidence: Evidence): string {
  const file = join(t.testdir({}), 'evidence.json')
  writeFileSync(file, JSON.stringify(evidence))
  return file
}

/** A control plane of which only Trove's database can be reached, with its trove.conf. */
function controlPlane(t: Test) {
  const dir = t.testdir({})
  const [database, conf] = [join(dir, 'trove.sqlite'), join(dir, 'trove.conf')]
  const db = troveDatabase(database)
  t.teardown(() => db.close())
  writeFileSync(conf, `[database]\nconnection = sqlite:///${database}\n`)
  return { dir, db, at: ['--trove-conf', conf, ...NOT_HERE] }
}

t.test('the exit code is the verdict', async (t) => {
  const refused = evidenceOf({ console: { from: 'f', lines: ['trovestrap[1]: stage=reach-rabbitmq state=failed code=AMQP_LOGIN_REFUSED host=10.0.2.2 port=5672 vhost=/ user=trove attempt=6'] } })
  const table: [string, Evidence, number, RegExp][] = [
    ['healthy', evidenceOf({ trove: troveOf('healthy', 12) }), 0, /^db-2 is healthy/],
    ['coming up', evidenceOf({ record: recordOf({ stage: 'fetch', state: 'begun', ago: 5 }) }), 0, /^db-2 is in fetch for 5 s\n/],
    ['a cause', refused, 3, /^db-2 waits in reach-rabbitmq: RabbitMQ refuses the login of user "trove" +rabbitmq-login-refused\n/],
    ['unknown', evidenceOf({ record: recordOf({ stage: 'enrol', state: 'failed', code: 'NEVER_HEARD', ago: 5 }) }), 4, /no cause that is known fits +unknown\n/],
  ]
  for (const [title, evidence, exitCode, stdout] of table) t.match(await diagnose(t, '--evidence', evidenceFile(t, evidence)), { exitCode, stdout, told: '' }, title)
})

t.test('--json is the diagnosis for programs, silent on a terminal too', async (t) => {
  const evidence = evidenceOf({ record: recordOf({ stage: 'fetch', state: 'begun', ago: 5 }), name: 'db\u202e\u009b1' })
  const { stdout, exitCode } = await diagnose(t, '--evidence', evidenceFile(t, evidence), '--json')
  t.match(JSON.parse(stdout), { instance: INSTANCE, verdict: 'coming-up', standing: { stage: 'fetch' }, findings: [], broken: [] })
  t.equal(exitCode, 0)
  t.notMatch(stdout, /[\u007f-\u009f\u202a-\u202e]/)
})

t.test('evidence that is none ends in one line', async (t) => {
  const file = join(t.testdir({ 'e.json': '{"format": 7}' }), 'e.json')
  t.match(await diagnose(t, '--evidence', file), { exitCode: 2, stdout: '', told: `${file} has evidence of format 7; this Trovestrap reads format 1\n  trovestrap diagnose INSTANCE --save FILE      writes one` })
  const other = evidenceFile(t, evidenceOf({ broker: brokerOf(1) }))
  t.match(await diagnose(t, 'db-9', '--evidence', other), { exitCode: 2, told: `${other} is about db-2, not about db-9` })
})

t.test('words that do not go together are wrong usage', async (t) => {
  for (const argv of [[], [''], ['  '], ['db-1', '--all'], ['--all', '--console', 'f'], ['--all', '--save', 'f'], ['--evidence', 'f', '--save', 'g'], ['db-1', '--without', 'moon'], ['db-1', '--ssh', 'a b@c'], ['db-1', '--ssh-jump', 'root']])
    t.match(await diagnose(t, ...argv), { exitCode: 2, stdout: '' }, argv.join(' '))
})

t.test('without a configuration file it looks at what is left, and an instance is found by its name', async (t) => {
  const { at } = controlPlane(t)
  for (const text of ['db-1', ROW.slice(0, 8), ROW.toUpperCase()]) {
    const { exitCode, stdout } = await diagnose(t, text, ...at, '--json')
    const diagnosis = JSON.parse(stdout) as Diagnosis
    t.match(diagnosis, { instance: ROW, name: 'db-1' })
    t.ok(exitCode === 3 || exitCode === 4)
    t.match(diagnosis.not_seen.find(({ source }) => source === 'record')?.why, /trovestrap\.yaml/)
    t.equal(diagnosis.not_seen.find(({ source }) => source === 'machine')?.why, 'left out by --without')
  }
})

t.test('a trove.conf that cannot be read, has no end or names what is not there is said, and waited for by nobody', async (t) => {
  const dir = t.testdir({ console: 'trovestrap[1]: stage=fetch state=begun\n', 'tls.conf': '[DEFAULT]\ntransport_url = rabbit://a:b@h/\n[oslo_messaging_rabbit]\nssl = True\nssl_ca_file = /no/ca.pem\n' })
  execFileSync('mkfifo', [join(dir, 'pipe')])
  const table: [string, string][] = [
    [join(dir, 'none'), `${join(dir, 'none')} cannot be read: no such file or directory`],
    [join(dir, 'pipe'), `${join(dir, 'pipe')} cannot be read: not a file`],
    [join(dir, 'tls.conf'), `${join(dir, 'tls.conf')}: ssl_ca_file /no/ca.pem cannot be read: no such file or directory`],
  ]
  for (const [conf, why] of table) {
    const { stdout } = await diagnose(t, INSTANCE, '--trove-conf', conf, '--console', join(dir, 'console'), '--json', ...NOT_HERE)
    t.equal((JSON.parse(stdout) as Diagnosis).not_seen.find(({ source }) => source === 'broker')?.why, why)
  }
})

t.test('an instance that nobody knows, or that several could be, is one line', async (t) => {
  const { db, at } = controlPlane(t)
  t.match(await diagnose(t, INSTANCE, ...at), { exitCode: 1, stdout: '', told: new RegExp(`^nobody knows an instance ${INSTANCE}: not Trove's database or API; not asked: host-server's record .*\n {2}trovestrap status`) })
  t.match(await diagnose(t, 'no-such', ...at), { exitCode: 1, stdout: '', told: /^no instance is called no-such, or has an id that begins so \(not asked: host-server's record: / })
  db.exec(`INSERT INTO instances (id, name, task_id, deleted) VALUES ('5b2d1f3e-0000-4000-8000-000000000002', 'db-1', 5, 0)`)
  t.match(await diagnose(t, 'db-1', ...at), { exitCode: 2, told: /^db-1 fits 2 instances: .*\n {2}Type more of the id\.$/ })
})

t.test('--save writes what was seen, whole, for its owner alone, and without secrets', async (t) => {
  const { dir, at } = controlPlane(t)
  const file = join(dir, 'seen.json')
  await diagnose(t, 'db-1', ...at, '--save', file)
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.match(JSON.parse(readFileSync(file, 'utf8')), { format: 1, instance: ROW, name: 'db-1', trove: { instance: { name: 'db-1' } } })
  const live = (await diagnose(t, 'db-1', ...at, '--json')).stdout
  const replayed = (await diagnose(t, '--evidence', file, '--json')).stdout
  t.same({ ...JSON.parse(replayed), at: '', standing: '', not_seen: '' }, { ...JSON.parse(live), at: '', standing: '', not_seen: '' }, 'and is judged as it was')
  t.match(await diagnose(t, 'db-1', ...at, '--save', dir), { exitCode: 1, told: /cannot be written: there is something already that is no regular file$/ })
  t.match(await diagnose(t, 'db-1', ...at, '--save', join(dir, 'no/where')), { exitCode: 1, told: /cannot be written: no such file or directory$/ })
  t.same(readdirSync(dir).sort(), ['seen.json', 'trove.conf', 'trove.sqlite'], 'nothing is left beside it')
})

t.test('--all goes over every instance that Trove is making, and the worst counts', async (t) => {
  const { db, at } = controlPlane(t)
  const quiet = await diagnose(t, '--all', ...at)
  t.match(quiet, { exitCode: 0, stdout: 'Every instance that is known is ready.\n' })
  const now = new Date().toISOString().replace('T', ' ').replace('Z', '')
  for (const [at, fault] of [[1, false], [2, true]] as const) {
    const id = `77aa0c2${at}-0000-4000-8000-00000000000${at}`
    db.exec(`INSERT INTO instances (id, name, task_id, deleted, created, compute_instance_id) VALUES ('${id}', 'new-${at}', 5, 0, '${now}', 'x')`)
    db.exec(`INSERT INTO service_statuses (id, instance_id, status_id, status_description, updated_at) VALUES ('t${at}', '${id}', 23, 'new', '${now}')`)
    if (fault) db.exec(`INSERT INTO instance_faults (id, instance_id, message, details, created, updated, deleted) VALUES ('g${at}', '${id}', 'Server not active, status: ERROR, fault message: No valid host was found.', '', '${now}', '${now}', 0)`)
  }
  const { exitCode, stdout } = await diagnose(t, '--all', ...at)
  t.equal(exitCode, 3)
  t.match(stdout, /^INSTANCE +NAME +VERDICT +WHY\n77aa0c21 +new-1 +coming-up +was made \d+ s ago and has given no sign of life yet\n77aa0c22 +new-2 +cause +.*\n\nnew-2 [^]*nova-server-error\n/)
  const json = JSON.parse((await diagnose(t, '--all', ...at, '--json')).stdout) as { instances: Diagnosis[] }
  t.same(json.instances.map(({ name, verdict }) => [name, verdict]), [['new-1', 'coming-up'], ['new-2', 'cause']])
})

t.test('with everything dead it still ends within 10 s, and says what it could not see', async (t) => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  t.teardown(() => silent.close())
  const { port } = silent.address() as AddressInfo
  const dir = t.testdir({
    'trove.conf': `[DEFAULT]\ntransport_url = rabbit://trove:pa55word-canary@127.0.0.1:${port}/\n[database]\nconnection = mysql+pymysql://trove:pa55word-canary@127.0.0.1:${port}/trove\n`,
    key: 'no key',
    'clouds.yaml': `clouds: {one: {auth: {auth_url: 'http://127.0.0.1:${port}/v3', username: a, password: pa55word-canary, project_name: p, user_domain_id: d, project_domain_id: d}}}\n`,
  })
  const began = performance.now()
  const argv = ['cli/main.ts', '--config', '/nowhere.yaml', 'diagnose', INSTANCE, '--trove-conf', join(dir, 'trove.conf'), '--ssh', `debug@127.0.0.1:${port}`, '--ssh-key', join(dir, 'key'), '--json', '--save', join(dir, 'seen.json')]
  const child = spawn(process.execPath, argv, { cwd: join(import.meta.dirname, '../..'), env: { PATH: process.env['PATH'], HOME: dir, OS_CLIENT_CONFIG_FILE: join(dir, 'clouds.yaml') }, stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let told = ''
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()))
  child.stderr.on('data', (text: Buffer) => (told += text.toString()))
  const [exitCode] = (await once(child, 'close')) as [number]
  const took = (performance.now() - began) / 1000
  t.ok(took < 10, `it took ${took.toFixed(1)} s`)
  t.ok(exitCode === 4 || exitCode === 3, told)
  const { not_seen } = JSON.parse(stdout) as Diagnosis
  for (const source of ['record', 'console', 'guest', 'trove', 'nova', 'neutron']) t.ok(not_seen.find((one) => one.source === source)?.why, source)
  t.notMatch(stdout + told + readFileSync(join(dir, 'seen.json'), 'utf8'), /pa55word-canary/)
})
