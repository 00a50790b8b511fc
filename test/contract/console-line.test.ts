import t from 'tap'
import { consoleLine, parseConsoleLine } from '../../contract/console-line.ts'
import type { Report } from '../../contract/report.ts'

const report: Report = {
  boot: '00000000-0000-0000-0000-000000000000',
  run: '0badcafe',
  seq: 7,
  at: '2026-01-01T00:00:00Z',
  uptime: 41,
  stage: 'reach-rabbitmq',
  state: 'failed',
  attempt: 6,
  next: 30,
  fault: {
    code: 'AMQP_LOGIN_REFUSED',
    message: 'login refused: user "trove" = wrong?',
    details: { host: '10.0.2.2', port: 5672, vhost: '/trove', user: 'trove' },
  },
}

t.test('a report is one line of words', async (t) => {
  t.equal(
    consoleLine(report),
    'stage=reach-rabbitmq state=failed code=AMQP_LOGIN_REFUSED host=10.0.2.2 port=5672 vhost=/trove user=trove attempt=6 next=30s message="login refused: user \\"trove\\" = wrong?"',
  )
})

t.test('a line reads back, whatever stands around it on the console', async (t) => {
  const record = parseConsoleLine(`[   41.2] trovestrap[412]: ${consoleLine(report)}\r\n`)
  t.match(record, { stage: 'reach-rabbitmq', state: 'failed' })
  t.same(record?.words, {
    stage: 'reach-rabbitmq',
    state: 'failed',
    code: 'AMQP_LOGIN_REFUSED',
    host: '10.0.2.2',
    port: '5672',
    vhost: '/trove',
    user: 'trove',
    attempt: '6',
    next: '30s',
    message: 'login refused: user "trove" = wrong?',
  })
})

t.test('a message cannot forge a word or a second line', async (t) => {
  const fault = { code: 'UNEXPECTED', message: 'x"\ntrovestrap[1]: stage=ready state=done', details: { host: 'a state=done' } }
  const line = consoleLine({ ...report, fault })
  t.notMatch(line, /\n/)
  const record = parseConsoleLine(`trovestrap[9]: ${line}`)
  t.match(record, { stage: 'reach-rabbitmq', state: 'failed', words: { host: 'a state=done', message: fault.message } })
})

t.test('lines of others are not ours', async (t) => {
  for (const line of ['', 'systemd[1]: stage=ready', 'trovestrap: stage=ready', 'trovestrap[1]: hello']) t.equal(parseConsoleLine(line), undefined)
})

t.test('what a stranger put into a report does nothing to a terminal, and is read back', async (t) => {
  const said = ['\u001b[2J', '\u009b31m', 'a\u2028b', '\u202ereversed', 'bell\u0007', '\ud800', '\u{e0001}']
  for (const message of said) {
    const line = consoleLine({ ...report, fault: { code: 'AMQP_FAILED', message, details: { constructor: message } } })
    t.match(line, /^[\x20-\x7e]+$/)
    const { words } = parseConsoleLine(`trovestrap[1]: ${line}`)!
    t.same([words['message'], words['constructor']], [message, message])
  }
})
