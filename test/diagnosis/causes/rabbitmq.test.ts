import t from 'tap'
import { rabbitmq } from '../../../diagnosis/causes/rabbitmq.ts'
import type { Cause, Found } from '../../../diagnosis/cause.ts'
import type { FaultCode } from '../../../contract/fault.ts'
import { answers, ask, done, failed, type Given, INSTANCE, queues, unit } from '../evidence-of.ts'

const TARGET = { host: '10.0.2.2', port: 5672, vhost: 'trove', user: 'trove' }
const cause = (id: string): Cause => rabbitmq.find((one) => one.id === id)!
const waits = (code: FaultCode, details = {}, message?: string): Given => ({ console: [failed('reach-rabbitmq', code, { ...TARGET, ...details }, message)] })
const broken = (code: string): Given => ({ broker: { fault: { code, message: 'as it says' } } })
const exited = (last: string): Given => ({ console: [failed('confirm', 'AGENT_EXITED', { last })] })
const finding = (option: string, message: string, level = 'error') => ({ option, message, level, mend: 'as it says' })
const READY = [done('reach-rabbitmq', '10.0.2.2:5673 (RabbitMQ 3.10.8) vhost trove user trove exchange trove'), done('ready')]
const REFUSED = 'Connection failed: [Errno 111] ECONNREFUSED (retrying in 1.0 seconds)'

const cases: [title: string, given: Given, expected: string[]][] = [
  ['G1: nothing listens', waits('AMQP_REFUSED'), ['G1']],
  ['G1: nothing listens for the control plane either', broken('AMQP_REFUSED'), ['G1']],
  ['no G1: the guest itself refused (C6)', waits('AMQP_REFUSED', { host: '127.0.0.1' }), []],
  ["no G1: the guest's own docker bridge refused (C8)", waits('AMQP_REFUSED', { dev: 'docker0' }), []],
  ['G1: an agent without our daemon, with a known address', { guest: { transport: { hosts: [{ host: '10.0.2.2', port: 5672, user: 'trove' }], vhost: 'trove', file: '/etc/trove/conf.d/trove-guestagent.conf' }, logs: { '/var/log/trove/trove-guestagent.log': [REFUSED] } } }, ['G1']],
  ['no G1: an agent without any address (F3)', { guest: { logs: { '/var/log/trove/trove-guestagent.log': [REFUSED] } } }, []],
  ['G2: login refused', waits('AMQP_LOGIN_REFUSED'), ['G2']],
  ['G2: by the line of an agent that ended', exited('amqp.exceptions.AccessRefused: (0, 0): (403) ACCESS_REFUSED - Login was refused using authentication mechanism AMQPLAIN'), ['G2']],
  ["G2: the log alone may speak of somebody else", { broker_log: ["user 'trove' - invalid credentials"] }, ['G2?']],
  ['G2 or G5: user guest, and nobody has read the log', waits('AMQP_LOGIN_REFUSED', { user: 'guest' }), ['G2?', 'G5?']],
  ['G5: the log tells', { ...waits('AMQP_LOGIN_REFUSED', { user: 'guest' }), broker_log: ["PLAIN login refused: user 'guest' can only connect via localhost"] }, ['G5']],
  ['G2: the log does not speak of localhost', { ...waits('AMQP_LOGIN_REFUSED', { user: 'guest' }), broker_log: ["user 'guest' - invalid credentials"] }, ['G2']],
  ['G3: no such vhost', waits('AMQP_VHOST_NOT_FOUND'), ['G3']],
  ['G3: no access to it', waits('AMQP_VHOST_REFUSED'), ['G3']],
  ['G3: by the line of an agent that ended', exited("amqp.exceptions.NotAllowed: Connection.open: (530) NOT_ALLOWED - vhost nope not found"), ['G3']],
  ['G4: a permission is missing', waits('AMQP_PERMISSION', { on: 'exchange trove' }), ['G4']],
  ['G6: a port that speaks TLS', waits('AMQP_TLS_EXPECTED'), ['G6']],
  ['G6: a port that does not', waits('AMQP_NOT_TLS'), ['G6']],
  ['G6?: hung up on, and nobody has read the log', { guest: { journals: { 'guest-agent.service': ['Connection failed: Server unexpectedly closed connection (retrying in 1.0 seconds): OSError'] } } }, ['G6?']],
  ['G7: another CA', waits('AMQP_UNTRUSTED', {}, "RabbitMQ's certificate is not from the CA: self-signed certificate in certificate chain"), ['G7']],
  ['G7: no CA file', { console: [failed('reach-rabbitmq', 'AMQP_CA_MISSING', { option: 'ssl_ca_file', path: '/etc/trove/ca.pem' })] }, ['G7']],
  ['G8: the name is another', waits('AMQP_FAILED', {}, "10.0.2.2:5671: Hostname/IP does not match certificate's altnames: IP: 10.0.2.2 is not in the cert's list"), ['G8']],
  ['G8: in the words of the agent', exited("ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: IP address mismatch, certificate is not valid for '10.0.2.2'."), ['G8']],
  ['neither: a certificate out of its time is a matter of the clock', waits('AMQP_UNTRUSTED', {}, 'certificate has expired'), []],
  ['G9: an exchange with other properties', waits('AMQP_EXCHANGE_DIFFERS', { on: 'exchange trove' }, "PRECONDITION_FAILED - inequivalent arg 'durable' for exchange 'trove' in vhost 'trove': received 'true' but current is 'false'"), ['G9']],
  ['G9: host-server refuses quorum queues', { machine: { guest_config: { findings: [finding('rabbit_quorum_queue', 'expected false as in trove.conf, got true: RabbitMQ refuses the queue')] } } }, ['G9']],
  ['no G9: a warning', { machine: { guest_config: { findings: [finding('amqp_durable_queues', 'expected false as in trove.conf, got true', 'warning')] } } }, []],
  ['G10: RabbitMQ 4.3', exited('amqp.exceptions.InternalError: Queue.declare: (541) INTERNAL_ERROR - Feature `transient_nonexcl_queues` is deprecated'), ['G10']],
  ['G11: blocked', waits('AMQP_BLOCKED', { alarm: 'low on memory' }), ['G11']],
  ['G11: the broker says so itself', { broker: { queues: queues(1, 0), inside: { from: 'rabbitmqctl', vhosts: [], users: [], permissions: [], alarms: ['memory'], connections: [], bindings: [], everywhere: [] } } }, ['G11']],
  ['G12: not AMQP', waits('AMQP_NOT_AMQP'), ['G12']],
  ['G12: takes the connection and says nothing, at another port than RabbitMQ\'s', { ...waits('AMQP_SILENT', { port: 5999, tcp: 'open' }), broker: { queues: queues(1, 0) } }, ['G12']],
  ['G12 or C7: nobody asked the broker', waits('AMQP_SILENT', { tcp: 'open' }), ['G12?']],
  ['G12 or C7: the same port answers this host', { ...waits('AMQP_SILENT', { tcp: 'open' }), broker: { queues: queues(1, 0) } }, ['G12?']],
  ['no G12: the connection was never taken (C5)', { ...waits('AMQP_SILENT', { tcp: 'silent' }), broker: { queues: queues(1, 0) } }, []],
  ['G13: the queue is down', { broker: { queues: { [`guestagent.${INSTANCE}`]: { present: true, state: 'down' } } } }, ['G13']],
  ['G14: connected in another vhost', { console: [done('reach-rabbitmq', '10.0.2.2:5672 (RabbitMQ 3.10.8) vhost other user trove exchange trove'), done('ready')], broker: { queues: queues(1, 0) } }, ['G14']],
  ['G14: connected at another broker, while prepare waits here', { console: READY, broker: { queues: queues(1, 0) } }, ['G14']],
  ['G14?: another port of perhaps the same broker', { console: READY, broker: { queues: queues(0, 0) } }, ['G14?']],
  ['G14: RabbitMQ shows its queue elsewhere', { broker: { queues: queues(1, 0), inside: { from: 'rabbitmqctl', vhosts: [], users: [], permissions: [], alarms: [], connections: [], bindings: [], everywhere: [{ vhost: 'other', messages: 0, consumers: 1 }] } } }, ['G14']],
  ['G14: host-server refuses another vhost', { machine: { guest_config: { findings: [finding('transport_url', 'expected the vhost trove as in trove.conf, got other: guest and control plane never meet')] } } }, ['G14']],
  ['no G14: the agent has ended since', { console: READY, broker: { queues: queues(1, 0) }, guest: { units: [unit('trovestrap-agent.service', { active: 'failed', sub: 'failed' })] } }, []],
  ['an instance that is healthy has none', { ...broken('AMQP_REFUSED'), trove: { service: { text: 'healthy' } } }, []],
]
for (const [title, given, expected] of cases) t.test(title, (t) => (t.same(answers(rabbitmq, given), expected), t.end()))

t.test('each is mended by commands as they are typed', (t) => {
  const runs = (id: string, given: Given) => (ask(cause(id), given) as Found).mend.flatMap(({ run }) => run ?? [])
  t.same(runs('G1', { ...waits('AMQP_REFUSED'), ...broken('AMQP_REFUSED') }), ['systemctl start rabbitmq-server'])
  t.same(runs('G2', { ...waits('AMQP_LOGIN_REFUSED'), ...broken('AMQP_LOGIN_REFUSED') }), ['rabbitmqctl change_password trove'])
  t.same(runs('G3', waits('AMQP_VHOST_NOT_FOUND')), ['rabbitmqctl add_vhost trove', "rabbitmqctl set_permissions -p trove trove '.*' '.*' '.*'"])
  t.same(runs('G4', waits('AMQP_PERMISSION', { vhost: '/' })), ["rabbitmqctl set_permissions -p / trove '.*' '.*' '.*'"])
  t.same(runs('G6', waits('AMQP_NOT_TLS')), ['crudini --set /etc/trove/trove-guestagent.conf oslo_messaging_rabbit ssl false', 'systemctl reload trovestrap-host'])
  t.same(runs('G9', waits('AMQP_EXCHANGE_DIFFERS', {}, "inequivalent arg 'durable' for exchange 'trove' in vhost 'trove': received 'true' but current is 'false'")), ['crudini --set /etc/trove/trove-guestagent.conf oslo_messaging_rabbit amqp_durable_queues false', 'systemctl reload trovestrap-host'])
  t.same(runs('G11', waits('AMQP_BLOCKED', { alarm: 'low on memory' })), ['rabbitmqctl set_vm_memory_high_watermark 0.6'])
  t.end()
})

t.test('a password is asked for at a prompt, and only where changing it does not lock the control plane out', (t) => {
  t.match(ask(cause('G2'), { ...waits('AMQP_LOGIN_REFUSED'), ...broken('AMQP_LOGIN_REFUSED') }), { mend: [{ run: 'rabbitmqctl change_password trove', asks: { what: 'password', file: '/etc/trove/trove-guestagent.conf', option: 'transport_url password' } }] })
  const found = ask(cause('G2'), { ...waits('AMQP_LOGIN_REFUSED'), broker: { queues: queues(1, 0) } }) as Found
  t.notMatch(found.mend.map(({ run }) => run ?? '').join(), /change_password/)
  t.end()
})

t.test("no stranger's text gets into a command", (t) => {
  const found = ask(cause('G3'), waits('AMQP_VHOST_NOT_FOUND', { vhost: "x'; reboot #" })) as Found
  t.notMatch(found.mend.map(({ run }) => run ?? '').join('\n'), /reboot/)
  t.end()
})
