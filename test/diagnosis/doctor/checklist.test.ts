import t from 'tap'
import { checklist } from '../../../diagnosis/doctor/checklist.ts'
import { columns } from '../../../diagnosis/printable.ts'
import { AT } from '../evidence-of.ts'
import { examined } from './well-host.ts'

const LOOK = { width: 100, now: new Date(AT), color: false }

t.test('a host that is well is one line a check, and fits one screen', async (t) => {
  const lines = checklist(examined(), LOOK).trimEnd().split('\n')
  t.ok(lines.length <= 24, `${lines.length} lines`)
  t.ok(lines.every((line) => columns(line) <= 100))
  t.equal(lines.filter((line) => line.startsWith('✔ ')).length, 18)
  t.equal(lines.at(-1), 'Nothing keeps guests from coming up, as far as this host shows.')
})

t.test('a fault has its cause, its proof and what to type below it', async (t) => {
  const text = checklist(examined({ broker: { guests: { host: '10.0.0.1', port: 5672, vhost: 'trove', user: 'trove', tls: false, fault: { code: 'AMQP_VHOST_REFUSED', message: 'no access' } } } }), LOOK)
  t.match(text, /✘ RabbitMQ +user "trove" has no access to vhost "trove"\n +cause +rabbitmq-vhost-refused \(G3\)\n +proof +10\.0\.0\.1:5672, as a guest +AMQP_VHOST_REFUSED no access\n +mend +rabbitmqctl set_permissions -p trove trove '\.\*' '\.\*' '\.\*'\n/)
  t.match(text, /\n1 of 18 checks found what keeps guests from coming up\.\n/)
})

t.test('what was not seen for one reason is told once', async (t) => {
  const text = checklist(examined({ without: { trove: 'no clouds.yaml', nova: 'no clouds.yaml', neutron: 'no clouds.yaml' } }), LOOK)
  t.equal(text.match(/no clouds\.yaml/g)!.length, 1)
  t.match(text, /\? OpenStack +no clouds\.yaml\n(?:.*\n)*? +so too +datastores, flavors, Nova, Neutron, quota\n/)
  t.match(text, /as far as this host shows; 6 could not be looked at or decided\./)
})

t.test('a warning is marked as one, with what to type', async (t) => {
  t.match(checklist(examined({ host: { clock: { synchronised: false, from: 'timedatectl' } } }), LOOK), /! clock .*\n +but +it follows no other clock .*\n +mend +sudo timedatectl set-ntp true\n/)
})

t.test('what strangers say speaks to no terminal, and a terminal gets colours', async (t) => {
  const hostile = examined({ broker: { product: 'RabbitMQ \u001b[2J\u202e' }, trove: { login: { project: '\u001b]0;x\u0007', admin: true } } })
  t.notMatch(checklist(hostile, LOOK), /[\u001b\u0007\u202e]/)
  t.match(checklist(hostile, { ...LOOK, color: true }), /\u001b\[32m✔/)
})
