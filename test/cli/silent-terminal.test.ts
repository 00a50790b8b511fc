// A guest is anybody's: what it writes to its console and its log, calls itself, or reports to host-server must not speak to the operator's terminal.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { registerDiagnose } from '../../cli/diagnose.ts'
import { run } from '../../cli/main.ts'
import { detailText, listText } from '../../cli/status-view.ts'
import type { Report } from '../../contract/report.ts'
import { collect } from '../../diagnosis/collect/collect.ts'
import { recordCollector } from '../../diagnosis/collect/record.ts'
import { diagnose } from '../../diagnosis/diagnose.ts'
import { explain } from '../../diagnosis/explain.ts'
import { INSTANCE as ROW } from '../diagnosis/collect/context.ts'
import { troveDatabase } from '../diagnosis/collect/trove-database/trove-rows.ts'
import { AT, evidenceOf, INSTANCE, recordOf } from '../diagnosis/seen-of.ts'
import { reportOf } from '../host-server/store/report-of.ts'
import { runVerb } from './run-verb.ts'

const ESCAPES = '\u001b]0;owned\u0007\u001b[2J\u009b31m\u202egnp\u2066\u200b\r\u0000\u007f'
/** Everything but a line feed that a terminal acts upon, or that hides what is there. */
const SPEAKS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/
const WITHOUT = ['--without', 'machine', 'broker_log', 'trove_logs']

t.test('on its console and in the logs of those it talks to', async (t) => {
  const dir = t.testdir({
    console: `${ESCAPES}trovestrap[1]: stage=reach-rabbitmq state=failed code=AMQP_LOGIN_REFUSED host=10.0.2.2${ESCAPES} port=5672 vhost=/ user=tro${ESCAPES}ve attempt=6 message="${ESCAPES}"\n`,
    'rabbit.log': `2026-11-25 10:48:59.123 [error] <0.9.0> PLAIN login refused: user 'tro${ESCAPES}ve' - invalid credentials\n`,
  })
  const argv = [INSTANCE, '--console', join(dir, 'console'), '--rabbitmq-log', join(dir, 'rabbit.log'), '--trove-conf', join(dir, 'none'), '--without', 'machine', 'trove_logs']
  for (const how of [[], ['--json']]) {
    const { stdout, told, exitCode } = await runVerb(t, registerDiagnose, '/nowhere.yaml', 'diagnose', ...argv, ...how)
    t.match(stdout, /rabbitmq-login-refused/, 'what it says is read all the same')
    t.equal(exitCode, 3)
    t.notMatch(stdout + told, SPEAKS)
  }
})

t.test('in its name, as Trove has it', async (t) => {
  const dir = t.testdir({})
  const database = join(dir, 'trove.sqlite')
  const db = troveDatabase(database)
  t.teardown(() => db.close())
  db.prepare('UPDATE instances SET name = ?, task_id = 5').run(`db${ESCAPES}`)
  writeFileSync(join(dir, 'trove.conf'), `[database]\nconnection = sqlite:///${database}\n`)
  for (const who of [ROW, '--all']) {
    const { stdout, told } = await runVerb(t, registerDiagnose, '/nowhere.yaml', 'diagnose', who, '--trove-conf', join(dir, 'trove.conf'), ...WITHOUT)
    t.match(stdout, /^(db|INSTANCE)/)
    t.notMatch(stdout + told, SPEAKS, who)
  }
})

t.test('in its host name and its reports to host-server', async (t) => {
  const latest: Report = { ...reportOf(1), stage: 'reach-rabbitmq', state: 'failed', note: ESCAPES, fault: { code: 'AMQP_REFUSED', message: `refused${ESCAPES}`, details: { host: ESCAPES, lines: `one${ESCAPES}\ntwo` } } }
  const view = { instance: INSTANCE, name: `db${ESCAPES}`, address: '10.0.2.15', enrolled: AT, credential_expires: AT, last_seen: AT, latest }
  const list = { instances: [view], waiting: [], refused: [{ at: AT, address: '10.0.2.16', instance: ESCAPES, code: `X${ESCAPES}` }] }
  const detail = { ...view, reports: [{ received: AT, report: latest }] }
  for (const text of [listText(list, Date.parse(AT)), detailText(detail, Date.parse(AT))]) {
    t.match(text, /refused/)
    t.notMatch(text, SPEAKS, 'status')
  }
  const api = { health: async () => ({ status: 'ok', revision: ESCAPES }), instances: async () => list, instance: async () => detail }
  const evidence = await collect({ target: { instance: INSTANCE }, collectors: [recordCollector(api)], left_out: {}, version: '0', now: new Date(AT), secrets: [] })
  const text = explain(diagnose({ ...evidence, name: view.name }), { width: 100, now: new Date(AT), color: false })
  t.match(text, /reach-rabbitmq failed AMQP_REFUSED/)
  t.notMatch(text, SPEAKS, 'diagnose')
})

t.test('in what somebody has saved of it, damaged or whole, and in what is typed', async (t) => {
  const whole = evidenceOf({ name: `db${ESCAPES}`, record: recordOf({ stage: 'fetch', state: 'begun', ago: 5 }) })
  const guest = { via: 'x', units: [], journals: { [ESCAPES]: ['x'.repeat(3000)] } }
  const dir = t.testdir({
    'not.json': `{"format": ${ESCAPES}}`,
    'format.json': JSON.stringify({ format: ESCAPES }),
    'key.json': JSON.stringify({ ...whole, guest }),
    'whole.json': JSON.stringify(whole),
  })
  const table: [argv: string[], exitCode: number, told: RegExp][] = [
    [['--evidence', join(dir, 'not.json')], 2, /not\.json is not JSON: /],
    [['--evidence', join(dir, 'format.json')], 2, /has evidence of format /],
    [['--evidence', join(dir, 'key.json')], 2, /key\.json is damaged: /],
    [['db-9', '--evidence', join(dir, 'whole.json')], 2, /whole\.json is about db/],
    [['--evidence', join(dir, `none${ESCAPES.replace('\0', '')}`)], 2, /cannot be read: no such file or directory\n/],
    [[`db${ESCAPES}`, '--trove-conf', join(dir, 'none'), ...WITHOUT], 1, /no instance is called \*\*\*/], // what looks like a secret is not repeated
  ]
  for (const [argv, exitCode, expected] of table) {
    const { code, told } = await typed(t, 'diagnose', ...argv)
    t.match(told, expected)
    t.equal(code, exitCode, told)
    t.notMatch(told, SPEAKS)
    t.equal(told.split('\n').filter((line) => line !== '' && !line.startsWith('  ')).length, 1, 'one line, and below it what to type')
  }
})

/** The command as a person has it, with what it says when it does not end well. */
async function typed(t: Test, ...argv: string[]): Promise<{ code: number; told: string }> {
  let told = ''
  const written = t.capture(process.stderr, 'write', (text: string) => ((told += text), true))
  try {
    return { code: await run(['--config', '/nowhere.yaml', ...argv]), told }
  } finally {
    written.restore()
  }
}
