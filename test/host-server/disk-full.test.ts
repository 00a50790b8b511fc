// A real host-server whose state folder is a disk of 8 MB.
import { spawnSync } from 'node:child_process'
import { closeSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import https from 'node:https'
import { join } from 'node:path'
import t from 'tap'
import { address, ROUTES } from '../../contract/routes.ts'
import { Secret } from '../../contract/secret.ts'
import { until } from '../../lab/until.ts'
import { postReports, realHost, type Answer, type Guest, type RealHost, type Served } from './real-host.ts'
import { reportOf } from './store/report-of.ts'

const DISK = 8 * 1024 * 1024
const FIRST = '11111111-1111-4111-8111-111111111111'
const SECRET = '1'.repeat(43)
const NEWCOMER = '99999999-9999-4999-8999-999999999999'
/** Beyond any number of reports that the disk holds. */
const MANY = 3000
const SAID = { code: 'HOST_DISK', message: 'the host can keep nothing: the disk of its state folder is full; free some space there' }

/** Leaves not a byte, as long as it is there. */
function fill(host: RealHost): { empty(): void } {
  const path = join(host.state.root, 'filler')
  const file = openSync(path, 'w')
  for (const piece of [1 << 20, 1 << 12, 1]) {
    try {
      for (;;) writeSync(file, Buffer.alloc(piece))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    }
  }
  closeSync(file)
  return { empty: () => rmSync(path) }
}

const bodyOf = ({ body }: { body: Buffer }) => JSON.parse(body.toString())
const healthOf = async (host: RealHost) => bodyOf(await host.ask(ROUTES.health)) as { status: string; stale?: string[]; revision: string }

t.test('a full disk: what cannot be kept is refused in one line, nothing is damaged, and it goes on by itself once there is space', async (t) => {
  await using host = await realHost({ disk: DISK })
  const served = await host.start()
  const guest = await enrolled(host)
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1, ca: host.ca })
  t.teardown(() => agent.destroy())

  const filler = fill(host)
  let seq = 0
  let answer
  do answer = await postReports(host, guest, [reportOf(++seq)], agent)
  while (answer.status === 204 && seq < MANY)
  t.same([answer.status, bodyOf(answer)], [507, SAID])
  const refused = await enrol(host, NEWCOMER)
  t.same([refused.status, bodyOf(refused)], [507, SAID])
  const own = { headers: { authorization: `Bearer ${guest.credential}` } }
  t.equal((await host.ask(ROUTES.manifest, own)).status, 200, 'what needs nothing kept is served')
  t.equal((await host.ask(address(ROUTES.config, guest.instance), own)).status, 507, 'what the audit log has to tell of is not')
  const typed = await host.run('approve', NEWCOMER)
  t.not(typed.status, 0)
  t.match(typed.output, /^trovestrap: (nothing was changed: )?the disk of \S+ is full; free some space there\n$/)

  filler.empty()
  t.equal((await postReports(host, guest, [reportOf(seq)], agent)).status, 204)
  t.equal((await enrol(host, NEWCOMER)).status, 200)
  t.same(await kept(host, guest), Array.from({ length: Math.min(seq, 1000) }, (_, index) => Math.max(0, seq - 1000) + index + 1), 'every report is there, once')
  await served.end('SIGTERM')
  t.equal(integrity(host), 'ok')
  t.equal(stacks(served), 0, 'no stack in the log for what an operator mends')
})

t.test('a snapshot that does not fit leaves the last good one in place, and /healthz says stale', async (t) => {
  await using host = await realHost({ disk: DISK })
  const served = await host.start()
  const guest = await enrolled(host)
  const before = await healthOf(host)
  const ballast = join(host.folder, 'tree/ballast')
  writeFileSync(ballast, new Secret('x').sha256())
  const filler = fill(host)
  process.kill(served.pid, 'SIGHUP')
  await until('the reload', () => (served.log().includes('"reloaded"') ? true : undefined), { timeoutMs: 60_000, everyMs: 20 })
  t.match(served.log(), /kept the last good one: the disk of \S+\/content is full; free some space there"/)
  t.match(await healthOf(host), { status: 'stale', stale: ['source'], revision: before.revision })
  t.equal((await host.ask(ROUTES.manifest, { headers: { authorization: `Bearer ${guest.credential}` } })).status, 200)
  t.same(readdirSync(host.state.content).filter((name) => name.startsWith('.')), [], 'nothing half-written is left')
  filler.empty()
  process.kill(served.pid, 'SIGHUP')
  const after = await until('the next snapshot', async () => (await healthOf(host).then((health) => (health.status === 'ok' ? health : undefined))), { timeoutMs: 60_000, everyMs: 20 })
  t.not(after.revision, before.revision)
})

t.test('a state folder that is full or read-only at the start is said in one line, and nothing is started', async (t) => {
  await using host = await realHost({ disk: DISK })
  const filler = fill(host)
  t.match(await host.run('serve'), { status: 2, output: /^trovestrap: source: the disk of \S+\/state\/content is full; free some space there\n$/ })
  filler.empty()
  const [program, ...rest] = [...host.within, 'mount', '-o', 'remount,ro', join(host.folder, 'state')]
  t.equal(spawnSync(program!, rest).status, 0)
  t.match(await host.run('serve'), { status: 2, output: /^trovestrap: source: the disk of \S+\/state\/content is read-only; mount it for writing\n$/ })
})

async function enrolled(host: RealHost): Promise<Guest> {
  const { status, output } = await host.run('approve', '--open', '1h')
  if (status !== 0) throw new Error(output)
  const { status: answer, body } = await enrol(host, FIRST)
  if (answer !== 200) throw new Error(body.toString())
  return { instance: FIRST, credential: `${FIRST}.${SECRET}` }
}

const enrol = (host: RealHost, instance: string): Promise<Answer> =>
  host.ask(ROUTES.enrol, {
    method: 'POST',
    headers: { authorization: `Bearer ${host.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ instance, key: new Secret(SECRET).sha256() }),
  })

/** Numbers of the reports that host-server has. */
async function kept(host: RealHost, { instance }: Guest): Promise<number[]> {
  const operator = readFileSync(host.state.operatorToken, 'utf8').trim()
  const answer = await host.ask(address(ROUTES.instance, instance), { headers: { authorization: `Bearer ${operator}` } })
  return (bodyOf(answer) as { reports: { report: { seq: number } }[] }).reports.map(({ report }) => report.seq)
}

/** What SQLite says of the database, as a process that sees the disk. */
function integrity(host: RealHost): string {
  const program = `console.log(new (require('node:sqlite').DatabaseSync)(process.argv[1]).prepare('PRAGMA integrity_check').get().integrity_check)`
  const [enter, ...rest] = [...host.within, process.execPath, '-e', program, join(host.folder, 'state/trovestrap.sqlite')]
  return spawnSync(enter!, rest, { encoding: 'utf8' }).stdout.trim()
}

const stacks = (served: Served): number => served.log().split('"stack"').length - 1
