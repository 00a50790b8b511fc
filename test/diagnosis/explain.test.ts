import t from 'tap'
import type { Cause } from '../../diagnosis/cause.ts'
import { diagnose } from '../../diagnosis/diagnose.ts'
import type { Evidence } from '../../diagnosis/evidence.ts'
import { explain } from '../../diagnosis/explain.ts'
import { AT, causeOf, evidenceOf, found, recordOf, troveOf } from './seen-of.ts'

process.env['TZ'] = 'UTC' // times are shown by the reader's clock

const record = recordOf({ stage: 'reach-rabbitmq', state: 'failed', code: 'AMQP_LOGIN_REFUSED', message: 'login refused', attempt: 6, ago: 41 })
const looked = { ...Object.fromEntries(['broker', 'console', 'trove', 'trove_logs', 'machine', 'broker_log'].map((source) => [source, { seen: false, why: 'not asked for', took: 0 }])), guest: { seen: false, why: 'image has no debug user', took: 0 }, nova: { seen: false, why: 'no clouds.yaml', took: 0 }, neutron: { seen: false, why: 'no clouds.yaml', took: 0 } }
const login = causeOf(
  'G2',
  () => ({
    what: 'RabbitMQ refuses the login of user "trove"',
    proof: [
      { source: 'console', where: 'guest console', at: '2026-01-01T12:04:31Z', text: 'failed AMQP_LOGIN_REFUSED user trove (attempt 6)' },
      { source: 'broker_log', where: 'rabbitmq log', at: '2026-01-01T12:04:32Z', text: "user 'trove' - invalid credentials" },
    ],
    mend: [
      { on: 'host', run: 'rabbitmqctl change_password trove', asks: { what: 'password', file: '/etc/trove/ga.conf', option: 'transport_url password' } },
      { on: 'guest', run: 'systemctl restart trovestrap-guest', say: 'or wait' },
      { on: 'cloud', say: 'recreate it' },
    ],
  }),
  { name: 'rabbitmq-login-refused' },
)
const text = (causes: Cause[], seen: Partial<Evidence> = {}, width = 110, later = 2) =>
  explain(diagnose(evidenceOf({ record, looked, ...seen }), causes), { width, now: new Date(Date.parse(AT) + later * 1000), color: false })

t.test('a verdict is one screen: answer and name, proof, what to type, what was not seen', async (t) => {
  t.equal(
    text([login]),
    `db-2 waits in reach-rabbitmq for 41 s: RabbitMQ refuses the login of user "trove"       rabbitmq-login-refused

  proof    guest console 12:04:31  failed AMQP_LOGIN_REFUSED user trove (attempt 6)
           rabbitmq log  12:04:32  user 'trove' - invalid credentials
  mend       rabbitmqctl change_password trove
               (it asks for a password: type the one that transport_url in /etc/trove/ga.conf has)
           in the guest:
             systemctl restart trovestrap-guest    (or wait)
           with the credentials of the cloud:
           recreate it
  not seen RabbitMQ, RabbitMQ's log, the serial console, Trove's database or API, the logs of trove-conductor
           and trove-taskmanager, this host (not asked for) · the guest over SSH (image has no debug user) ·
           Nova, Neutron (no clouds.yaml)
`,
  )
})

t.test('further findings come below, shorter; symptoms are named alone', async (t) => {
  const causes = [login, causeOf('J1', found('trove-conductor is down'), { phase: 'report', name: 'conductor-down' }), causeOf('D10', found('x'), { symptomOf: ['G2'], phase: 'report', name: 'start-limit' })]
  t.match(text(causes), /\nalso: trove-conductor is down +conductor-down\n {2}proof {4}guest console {2}a line\n {2}mend {7}systemctl start it\n {2}follows {2}start-limit \(D10, of G2\)\n {2}not seen/)
  const many = text([login, ...Array.from({ length: 6 }, (_, at) => causeOf(`X${at}`, found(`x${at}`), { phase: 'report' }))])
  t.match(many, /\n {2}and {6}X3 cause-x3 · X4 cause-x4 · X5 cause-x5\n/)
})

t.test('what is undecided says what would decide, and the one thing to type for it', async (t) => {
  const said = text([causeOf('C5', () => ({ undecided: 'a firewall may drop the port', wants: ['guest', 'neutron'] }))])
  t.match(said, /^db-2 waits in reach-rabbitmq for 41 s; it may be one thing, which nothing seen proves +undecided\n/)
  t.match(said, /\n {2}maybe {4}cause-c5 \(C5\): a firewall may drop the port; would need the guest over SSH or Neutron\n/)
  t.match(said, /\n {2}look at {2}the guest over SSH, which would decide C5:\n {13}trovestrap diagnose db-2 --ssh USER@ADDRESS --ssh-key FILE\n/)
})

t.test('what nobody knows is said to be so, with the last sign of life and the lines that tell most', async (t) => {
  const said = text([], { console: { from: 'f', lines: ['segfault: error 4 in node'] } })
  t.match(said, /^db-2 waits in reach-rabbitmq for 41 s; no cause that is known fits +unknown\n/)
  t.match(said, /\n {2}heard {4}host-server's record 12:04:19 {2}reach-rabbitmq failed AMQP_LOGIN_REFUSED login refused\n/)
  t.match(said, /\n {2}lines {4}guest console {2}segfault: error 4 in node\n/)
})

t.test('the time with which a line begins stands where times stand', async (t) => {
  const cause = causeOf('J6', () => ({ what: 'x', mend: [], proof: [{ source: 'trove_logs', where: 'c.log', text: '2026-01-01 12:04:31.123 7 ERROR trove' }, { source: 'console', where: 'guest console', text: 'no time' }] }))
  t.match(text([cause]), /\n {2}proof {4}c\.log {9}12:04:31 {2}7 ERROR trove\n {11}guest console {11}no time\n/)
})

t.test('an instance that is up is one line, and what was not looked at', async (t) => {
  t.match(text([], { trove: troveOf('healthy', 12), looked: {}, record: undefined as never }), /^db-2 is healthy: Trove had its last heartbeat 12 s before\n\n {2}not seen [^]*\n$/)
})

t.test('evidence of long ago says so', async (t) => {
  t.notMatch(text([login]), /as of/)
  t.match(text([login], {}, 110, 3 * 86_400), /\n {2}as of {4}2026-01-01T12:05:00.000Z, 3 d ago\n$/)
  t.match(text([login], {}, 110, 3 * 86_400), /guest console 2026-01-01 12:04:31 /)
})

t.test('what a check of ours stumbles over is told, for it is our fault', async (t) => {
  t.match(text([login, causeOf('H9', () => { throw new Error('x') })]), /\n {2}broken {3}the checks of H9 failed on this evidence/)
})

t.test('no text from outside speaks to the terminal, and no line but a command is wider than it', async (t) => {
  const evil = '\u001b]0;owned\u0007\u009b31m\u202egnp.exe\u2066\u200b\r\n\u{e0041}\ud800 ' + 'x'.repeat(500) + ' 漢字'.repeat(60) + 'a\u0301\u0301\u0301\u0301\u0301\u0301'
  const causes = [
    causeOf('A', () => ({ what: evil, proof: [{ source: 'console', where: evil, text: evil, at: evil }], mend: [{ on: 'host', say: evil }, { on: 'guest', run: 'true', say: evil, asks: { what: 'password', file: evil, option: 'transport_url password' } }] }), { name: evil, phase: 'boot' }),
    causeOf('B', () => ({ undecided: evil, wants: ['guest'] })),
  ]
  const seen = { name: evil, looked: { guest: { seen: false, why: evil, took: 0 } }, console: { from: 'x', lines: [`error ${evil}`] } }
  for (const width of [0, 40, 80, 200]) {
    for (const some of [causes, causes.slice(1), []]) {
      const said = text(some, seen, width)
      t.notMatch(said, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]/)
      t.ok(said.split('\n').every((line) => [...line].length <= Math.max(40, width) || line.includes('trovestrap diagnose')), `at ${width} columns`)
      t.ok(said.split('\n').length < 100, 'a screen is not flooded')
    }
  }
})

t.test('a name that a shell reads more into is not put into a command', async (t) => {
  t.match(text([], { name: 'db; reboot' }), /trovestrap diagnose 5b2d1f3e-0000-4000-8000-000000000001 --ssh/)
})

t.test('colour is there when it is asked for, and only then', async (t) => {
  const diagnosis = diagnose(evidenceOf({ record }), [login])
  const look = { width: 100, now: new Date(AT) }
  t.match(explain(diagnosis, { ...look, color: true }), /^\u001b\[1m/)
  t.equal(explain(diagnosis, { ...look, color: true }).replace(/\u001b\[\d+m/g, ''), explain(diagnosis, { ...look, color: false }))
})
