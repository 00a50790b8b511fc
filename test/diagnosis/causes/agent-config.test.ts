import t from 'tap'
import { agentConfig } from '../../../diagnosis/causes/agent-config.ts'
import type { Cause, Found } from '../../../diagnosis/cause.ts'
import { answers, ask, done, failed, type Given, queues } from '../evidence-of.ts'

const cause = (id: string): Cause => agentConfig.find((one) => one.id === id)!
const exited = (last: string): Given => ({ console: [failed('confirm', 'AGENT_EXITED', { last })] })
const finding = (option: string, message: string, level = 'error') => ({ option, message, level, mend: 'as it says' })
const REFUSED = '2026-08-01 12:00:00.000 7 ERROR oslo.messaging._drivers.impl_rabbit [-] Connection failed: [Errno 111] ECONNREFUSED (retrying in 1.0 seconds): ConnectionRefusedError'
const GUEST_INFO = { section: 'DEFAULT', option: 'guest_id', value: 'x', file: '/etc/trove/conf.d/guest_info.conf' }
const transport = (file: string, host = '10.0.2.2') => ({ hosts: [{ host, port: 5672, user: 'trove' }], vhost: 'trove', file: `/etc/trove/conf.d/${file}` })

const cases: [title: string, given: Given, expected: string[]][] = [
  ['F1: the agent has no guest_id', exited('RuntimeError: The guest_id parameter is not set. guest_info.conf was not injected into the guest or not read by guestagent'), ['F1']],
  ['F1: configure finds none', { console: [failed('configure', 'CONFIG_INVALID', { path: '/etc/trove/conf.d' }, 'the configuration cannot be read: the agent would read guest_id nowhere there; expected 5b')] }, ['F1']],
  ['F2: a manager that this Trove does not have', exited('RuntimeError: Manager class not registered for datastore manager oracle'), ['F2']],
  ['F3: host-server refuses a configuration without transport_url', { machine: { guest_config: { findings: [finding('transport_url', "expected RabbitMQ's address, got none: the agent would dial guest@localhost:5672, itself")] } } }, ['F3']],
  ['F3: the daemon says it, and this host has no old options', { console: [failed('reach-rabbitmq', 'TRANSPORT_URL_MISSING')], machine: { guest_config: {} } }, ['F3']],
  ['F3 or F4: the daemon says it, and nobody looked further', { console: [failed('reach-rabbitmq', 'TRANSPORT_URL_MISSING')] }, ['F3?']],
  ['F3: ECONNREFUSED with no transport_url anywhere', { guest: { config: [GUEST_INFO], journals: { 'guest-agent.service': [REFUSED] } } }, ['F3']],
  ['F4: ECONNREFUSED with options of before 2018', { guest: { config: [GUEST_INFO, { ...GUEST_INFO, option: 'rabbit_host', value: '10.0.0.1' }], journals: { 'guest-agent.service': [REFUSED] } } }, ['F4']],
  ['neither: ECONNREFUSED with a transport_url is a matter of the broker', { guest: { config: [GUEST_INFO, { ...GUEST_INFO, option: 'transport_url', value: '***' }], transport: transport('trove-guestagent.conf'), journals: { 'guest-agent.service': [REFUSED] } } }, []],
  ['F5: host-server refuses another exchange', { machine: { guest_config: { findings: [finding('control_exchange', 'expected trove as in trove.conf, got nothing, which means openstack: heartbeats are lost without an error')] } } }, ['F5']],
  ['F5: the daemon notes another exchange than trove.conf has', { console: [done('reach-rabbitmq', '10.0.2.2:5672 (RabbitMQ 3.10.8) vhost trove user trove exchange openstack')], machine: { trove_conf: { options: { control_exchange: 'trove' } } } }, ['F5']],
  ['no F5: both the same', { console: [done('reach-rabbitmq', '10.0.2.2:5672 (RabbitMQ 3.10.8) vhost trove user trove exchange trove')], machine: { trove_conf: { options: { control_exchange: 'trove' } } }, broker: { queues: queues(0, 1) }, trove: { service: { text: 'new' } } }, []],
  ['F5 is undecided where one side was not seen', { console: [done('reach-rabbitmq', '10.0.2.2:5672 (RabbitMQ 3.10.8) vhost trove user trove exchange openstack')], broker: { queues: queues(0, 1) }, trove: { service: { text: 'new' } } }, ['F5?']],
  ['F6: a file with a line that is none', { console: [failed('configure', 'CONFIG_INVALID', { path: '/etc/trove/conf.d/10-bad.conf' }, '/etc/trove/conf.d/10-bad.conf:1: an option stands before the first section')] }, ['F6']],
  ['F6: the same in the words of oslo.config', exited('oslo_config.cfg.ConfigFileParseError: Failed to parse /etc/trove/conf.d/x.conf: at /etc/trove/conf.d/x.conf:1, Section must be started before assignment'), ['F6']],
  ['F6: on the host', { machine: { host_server: { faults: [{ part: 'guest_config', message: '/etc/trove/trove-guestagent.conf:3: expected "option = value"' }] } } }, ['F6']],
  ['F7: a log file in a folder that is not there', exited("FileNotFoundError: [Errno 2] No such file or directory: '/nonexistent/trove/agent.log'"), ['F7']],
  ['no F7: another file that is missing', exited("FileNotFoundError: [Errno 2] No such file or directory: '/etc/trove/eth1.json'"), []],
  ['F8: an unescaped character in a file of the guest', { console: [failed('reach-rabbitmq', 'TRANSPORT_URL_INVALID', { config: 'zz-local.conf' }, 'an unescaped "#" cuts the URL short')] }, ['F8']],
  ['F8: on the host', { machine: { guest_config: { findings: [finding('transport_url', 'expected a URL that oslo.messaging can read, got one where an unescaped "#" stands')] } } }, ['F8']],
  ['F8: in the words of the agent', exited("ValueError: invalid literal for int() with base 10: 'p'"), ['F8']],
  ['F9: a file that sorts last names another broker', { console: [failed('reach-rabbitmq', 'AMQP_REFUSED', { host: '10.9.9.9', port: 5672, config: 'zz-local.conf' })] }, ['F9']],
  ['no F9: the injected file is not an override', { console: [failed('reach-rabbitmq', 'AMQP_REFUSED', { host: '10.9.9.9', port: 5672, config: 'trove-guestagent.conf' })] }, []],
  ['no F9: an override to the guest itself is a matter of the address (C6)', { console: [failed('reach-rabbitmq', 'AMQP_REFUSED', { host: '127.0.0.1', port: 5672, config: 'zz-local.conf' })] }, []],
  ['a comparison that could not be made is no cause', { machine: { guest_config: { findings: [finding('control_exchange', 'expected trove.conf at /etc/trove/trove.conf to compare with, got ENOENT: nothing was compared', 'warning')] } } }, []],
  ['a warning of the check is no cause', { machine: { guest_config: { findings: [finding('transport_url', 'expected a password without "/", got one with it', 'warning'), finding('rabbit_host', 'expected transport_url', 'warning')] } } }, []],
]
for (const [title, given, expected] of cases) t.test(title, (t) => (t.same(answers(agentConfig, given), expected), t.end()))

t.test('an exchange is mended by one option and one reload, or a start where host-server has refused to', (t) => {
  const guest_config = { file: { path: '/srv/guest.conf', readable: true }, findings: [finding('control_exchange', 'expected trove as in trove.conf, got other: heartbeats are lost')] }
  const runs = (listening: boolean) => (ask(cause('F5'), { machine: { guest_config, host_server: { listening } } }) as Found).mend.map(({ run }) => run)
  t.same(runs(true), ['crudini --set /srv/guest.conf DEFAULT control_exchange trove', 'systemctl reload trovestrap-host'])
  t.same(runs(false), ['crudini --set /srv/guest.conf DEFAULT control_exchange trove', 'systemctl restart trovestrap-host'])
  t.end()
})

t.test('a log file is mended where its option is set', (t) => {
  const last = "FileNotFoundError: [Errno 2] No such file or directory: '/nonexistent/agent.log'"
  const runs = (more: Given) => (ask(cause('F7'), { ...exited(last), ...more }) as Found).mend.map(({ run }) => run)
  t.same(runs({ machine: { guest_config: { options: { log_file: '/nonexistent/agent.log' } }, host_server: { listening: true } } }), ['crudini --del /etc/trove/trove-guestagent.conf DEFAULT log_file', 'systemctl reload trovestrap-host'])
  t.same(runs({ guest: { config: [{ section: 'DEFAULT', option: 'log_file', value: '/nonexistent/agent.log', file: '/etc/trove/conf.d/zz.conf' }] } })[0], 'sudo mv /etc/trove/conf.d/zz.conf /etc/trove/conf.d/zz.conf.off')
  t.same(runs({ guest: {} }), ['sudo install -d -o trove -g trove /nonexistent'])
  t.end()
})

t.test("no stranger's text gets into a command", (t) => {
  const found = ask(cause('F9'), { console: [failed('reach-rabbitmq', 'AMQP_REFUSED', { host: '10.9.9.9', port: 5672, config: 'zz; reboot.conf' })] }) as Found
  t.notMatch(found.mend.map(({ run }) => run ?? '').join('\n'), /reboot/)
  t.end()
})
