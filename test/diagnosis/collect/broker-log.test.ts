import { utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { brokerLogCollector } from '../../../diagnosis/collect/broker-log.ts'
import { look } from './context.ts'

t.test('lines that matter are kept with their neighbours, noise is not', async (t) => {
  const quiet = Array.from({ length: 20 }, (_, at) => `2026-11-25 10:00:${at} [debug] <0.1.0> nothing of note ${at}`)
  const refused = [
    '2026-11-25 10:01:00 [error] <0.9.0> Error on AMQP connection <0.9.0> (10.0.2.15:4 -> 10.0.2.2:5672, state: starting):',
    "2026-11-25 10:01:00 [error] <0.9.0> AMQPLAIN login refused: user 'trove' - invalid credentials",
  ]
  const path = write(t.testdir(), 'rabbit@host.log', [...quiet, ...refused, ...quiet])
  const { seen, partly } = await look(brokerLogCollector({ path }))
  t.same(seen, { name: 'rabbitmq', path, lines: [quiet.at(-1), ...refused, ...quiet.slice(0, 3)] })
  t.same(partly, [])
})

t.test('of several logs the one that was written to last is read, and of it no more than 400 lines', async (t) => {
  const dir = t.testdir()
  const accepted = Array.from({ length: 1000 }, (_, at) => `[info] <0.${at}.0> accepting AMQP connection (10.0.2.15:${at} -> 10.0.2.2:5672)`)
  const current = write(dir, 'rabbit@a.log', accepted)
  utimesSync(write(dir, 'rabbit@b.log', ['[error] of yesterday']), 1e9, 1e9)
  write(dir, 'rabbit@a_upgrade.log', [])
  const { seen } = await look(brokerLogCollector({ paths: [join(dir, '*.log')], units: [] }))
  t.equal(seen.path, current)
  t.same(seen.lines, accepted.slice(-400))
})

t.test('what was tried is named when there is nothing', async (t) => {
  const none = brokerLogCollector({ paths: ['/no/such/*.log'], units: ['no-such-unit-of-ours'] })
  await t.rejects(look(none), { name: 'CannotSee', message: 'rabbitmq: there is no /no/such/*.log; the journal has nothing of no-such-unit-of-ours' })
})

function write(dir: string, name: string, lines: readonly string[]): string {
  const path = join(dir, name)
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''))
  return path
}
