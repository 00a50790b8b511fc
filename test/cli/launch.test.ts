import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { registerLaunch } from '../../cli/launch.ts'
import { mysql } from '../../instances/greeting/mysql.ts'
import { AT, routes } from '../instances/launch/whole-cloud.ts'
import { PROJECT, standInCloud, type Answering } from '../openstack/stand-in-cloud.ts'
import { runVerb } from './run-verb.ts'
import { standInCloudsFile } from './stand-in-clouds-file.ts'

const ID = '3f744523-437f-442a-929b-c7274d737d60'
const WORDS = ['db-1', '--datastore', 'mysql', '--flavor', 'large']

/** A Trove that makes what it is asked for; `later` is what it shows of it, look by look. */
async function trove(t: Test, later: readonly object[] = [{}], changed: Record<string, Answering> = {}) {
  const made: Record<string, unknown>[] = []
  let looks = 0
  const stand = await standInCloud(t, {
    ...routes(),
    [AT.own]: () => ({ instances: made.map((one) => ({ ...one, ...later[Math.min(looks++, later.length - 1)] })) }),
    [AT.create]: (request) => {
      const { name } = (request.body as { instance: { name: string } }).instance
      made.push({ id: ID, name, status: 'BUILD', operating_status: '', datastore: { type: 'mysql', version: '5.7.29' }, password: 'root-canary' })
      return { instance: made.at(-1) }
    },
    'GET /compute/v2.1/servers/detail': () => ({ servers: [] }),
    ...changed,
  })
  standInCloudsFile(t, stand)
  const requests = (): unknown[] => stand.asked.filter(({ method, url }) => method === 'POST' && url.endsWith('/instances')).map(({ body }) => (body as { instance: unknown }).instance)
  const heard: string[] = []
  t.capture(process.stderr, 'write', (text: string) => (heard.push(text), true))
  return { requests, heard: () => heard.join(''), launch: (...words: string[]) => runVerb(t, registerLaunch, '/nowhere/trovestrap.yaml', 'launch', ...words) }
}

t.test('a plan is said and nothing is asked for', async (t) => {
  const { launch, requests } = await trove(t)
  const { exitCode, stdout } = await launch(...WORDS, '--network', 'users', '--plan')
  t.equal(exitCode, 0)
  t.match(stdout, /^db-1 in project admin:\n  datastore  mysql 5\.7\.29\n  image      trove-guest \(.*\)\n  flavor     large: 2 vCPUs, 2048 MiB, disk 6 GiB, 1 GiB ephemeral\n  volume     none asked for\n  network    users \(.*\)\nNothing was asked for: --plan\.\n$/)
  t.match(JSON.parse((await launch(...WORDS, '--plan', '--json')).stdout), { name: 'db-1', flavor: { id: '2' }, warnings: [] })
  t.same(requests(), [])
})

t.test('run twice it asks for one instance, and says that it is there', async (t) => {
  const { launch, requests, heard } = await trove(t)
  t.match(await launch(...WORDS), { exitCode: 0, stdout: /^Trove makes db-1 \(3f744523-.*\)\.\n  trovestrap launch db-1 .* --wait/ })
  t.match(await launch(...WORDS, '--size', '7'), { exitCode: 0, stdout: '' })
  t.equal(requests().length, 1)
  t.match(heard(), /\ndb-1 is there already \(3f744523-.*, BUILD\): nothing is asked for twice\.\n/)
  t.match(await launch(...WORDS, '--wait', '--plan'), { exitCode: 0, stdout: '' }, 'a plan is no watching')
  t.equal(requests().length, 1)
})

t.test('one of that name that is broken, or going away, is no success', async (t) => {
  const { launch, requests } = await trove(t, [{}, { status: 'ERROR' }, { status: 'SHUTDOWN' }])
  await launch(...WORDS)
  await launch(...WORDS)
  t.match(await launch(...WORDS), { exitCode: 1, told: /^db-1 \(3f744523-.*\) is there already, and it is broken \(ERROR\)\.\n  trovestrap diagnose / })
  t.match(await launch(...WORDS), { exitCode: 1, told: /^db-1 \(3f744523-.*\) is there already, and it is SHUTDOWN: it is being deleted, or has lost its server\.\n  trovestrap delete .* waits until it is gone$/ })
  t.equal(requests().length, 1)
})

t.test("what programs get has nothing in it of Trove's answer that is secret", async (t) => {
  const { launch } = await trove(t)
  const { stdout } = await launch(...WORDS, '--json')
  t.same(JSON.parse(stdout), { id: ID, name: 'db-1', status: 'BUILD', made: true })
})

t.test('a user gets a password in a file, and the request alone has it', async (t) => {
  const { launch, requests, heard } = await trove(t)
  const file = join(t.testdir({}), 'app.password')
  const wish = [...WORDS, '--database', 'shop', '--user', 'app', '--password-file', file]
  await launch(...wish, '--plan')
  t.notOk(existsSync(file), 'a plan writes nothing')
  const { stdout } = await launch(...wish)
  const password = readFileSync(file, 'utf8').trim().slice('app:'.length)
  t.match(requests(), [{ users: [{ name: 'app', password, databases: [{ name: 'shop' }] }] }])
  t.notMatch(stdout + heard(), password)
})

t.test('what is wrong with the words is said before anybody is asked', async (t) => {
  const { launch, requests } = await trove(t)
  const table: [string[], RegExp][] = [
    [['--network', 'a', '--network', 'b'], /^Trove takes one network for an instance, got 2: a, b\./],
    [['--user', 'app'], /^--user makes users of the databases that --database makes, and none is named$/],
    [['--password-file', 'f'], /^--password-file holds the passwords of users, and --user names none$/],
    [['--database', 'shop', '--user', 'app'], /^the users need passwords, and there is no terminal to ask for them\./],
    [['--size', '0'], /expected a number of gibibytes from 1 up/],
    [['--timeout', '5'], /expected a number with its unit/],
  ]
  for (const [words, told] of table) t.match(await launch(...WORDS, ...words), { exitCode: 2, told }, words.join(' '))
  t.match(await launch('---', ...WORDS.slice(1)), { exitCode: 2 })
  t.same(requests(), [])
})

t.test('it is watched until its database greets', async (t) => {
  const database = createServer((socket) => socket.end(Buffer.from('090000000a352e372e32390000', 'hex'))).listen(0, '127.0.0.1')
  t.teardown(() => database.close())
  await once(database, 'listening')
  t.intercept(mysql, 'port', { value: (database.address() as AddressInfo).port })
  const { launch, heard } = await trove(t, [{}, {}, { status: 'ACTIVE', operating_status: 'HEALTHY', addresses: [{ address: '127.0.0.1', type: 'private', network: 'n' }] }])
  const { exitCode, stdout } = await launch(...WORDS, '--wait')
  t.equal(exitCode, 0)
  t.equal(stdout, `db-1 is ready: MySQL 5.7.29 greets at 127.0.0.1:${(database.address() as AddressInfo).port}\n`)
  t.match(heard(), /⠼ Trove +BUILD\n✔ Trove +ACTIVE · HEALTHY\n/)
})

t.test('where no address can be reached from here that is no failure, and it says what makes one', async (t) => {
  const { launch } = await trove(t, [{ status: 'ACTIVE', operating_status: 'HEALTHY', addresses: [{ address: '224.0.0.1' }] }])
  t.match(await launch(...WORDS, '--wait'), { exitCode: 0, stdout: /^db-1 is ready, says Trove\. Whether its database answers is not checked, no address of it can be reached from this host: 224\.0\.0\.1:3306 no route to its network\n  trovestrap expose db-1/ })
})

t.test('one that breaks is diagnosed, and the exit code is the verdict', async (t) => {
  const fault = { message: 'Server not active, status: ERROR, fault message: No valid host was found. ' }
  const whole = { id: ID, name: 'db-1', status: 'ERROR', fault, task_description: 'Build error: guestagent timeout.', service_status: 'ERROR' }
  const { launch } = await trove(t, [{ status: 'ERROR', fault }], { [`GET /v1.0/${PROJECT}/mgmt/instances/${ID}`]: () => ({ instance: whole }) })
  const { exitCode, stdout } = await launch(...WORDS, '--wait')
  t.match(stdout, /^db-1 failed: Server not active, status: ERROR, fault message: No valid host was found\.\s*\n\n/)
  t.ok([3, 4].includes(exitCode), `${exitCode}: ${stdout}`)
})
