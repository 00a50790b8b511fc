import { join } from 'node:path'
import t, { type Test } from 'tap'
import { OsloConfig } from '../../../contract/oslo-config.ts'
import { checkGuestConfig } from '../../../host-server/guest-config/check.ts'
import { GuestConfigError, renderGuestConfig } from '../../../host-server/guest-config/render.ts'

const GOOD = '[DEFAULT]\ntransport_url = rabbit://trove:canary@10.0.0.1:5672/\ncontrol_exchange = trove\n'
const check = (guest: string, trove?: string) =>
  checkGuestConfig(OsloConfig.parse(guest, 'guest'), trove === undefined ? undefined : OsloConfig.parse(trove, 'trove'))
const brief = (guest: string, trove?: string) => check(guest, trove).map(({ level, section, option }) => `${level} [${section}] ${option}`)
const withUrl = (url: string) => GOOD.replace(/rabbit:.*/, () => url)

function files(t: Test, guest: string, trove?: string) {
  const folder = t.testdir({ 'guest.conf': guest, ...(trove === undefined ? {} : { 'trove.conf': trove }) })
  return { path: join(folder, 'guest.conf'), trove_conf: join(folder, 'trove.conf'), overrides: {}, service_credentials: false }
}

t.test('a configuration of 2017 gets the right transport_url; the old options become comments, with a warning each', async (t) => {
  const old = `[DEFAULT]
# RabbitMQ
rabbit_hosts = 10.0.0.1:5671, ctl2,[fd00::1]:5673
rpc_backend = trove.openstack.common.rpc.impl_kombu
rabbit_use_ssl = True
control_exchange = trove
[oslo_messaging_rabbit]
rabbit_userid = trove
rabbit_password = canary@/#$$x
rabbit_virtual_host = /tr ove
[service_credentials]
password = canary
`
  const { text, findings } = await renderGuestConfig(files(t, old, '[DEFAULT]\ncontrol_exchange = trove\n[oslo_messaging_rabbit]\nssl=1\n'))
  const login = 'trove:canary%40%2F%23%24x@'
  t.equal(text, `[DEFAULT]
# RabbitMQ
# rabbit_hosts = 10.0.0.1:5671, ctl2,[fd00::1]:5673 (removed from oslo.messaging in 2018; transport_url stands for it)
# rpc_backend = trove.openstack.common.rpc.impl_kombu (removed from oslo.messaging in 2018; transport_url stands for it)
# rabbit_use_ssl = True (removed from oslo.messaging in 2018; ssl)
control_exchange = trove
transport_url = rabbit://${login}10.0.0.1:5671,${login}ctl2:5672,${login}[fd00::1]:5673//tr%20ove
[oslo_messaging_rabbit]
# rabbit_userid = trove (removed from oslo.messaging in 2018; transport_url stands for it)
# rabbit_password (removed from oslo.messaging in 2018; transport_url stands for it)
# rabbit_virtual_host = /tr ove (removed from oslo.messaging in 2018; transport_url stands for it)
ssl = true
`)
  t.same(findings.map(({ level, option }) => `${level} ${option}`), [
    'warning rabbit_hosts',
    'warning rpc_backend',
    'warning rabbit_userid',
    'warning rabbit_password',
    'warning rabbit_virtual_host',
    'warning rabbit_use_ssl',
    'warning transport_url',
  ])
  t.notMatch(JSON.stringify(findings), /canary/)
})

t.test('old options beside a transport_url are warned of and commented out; without a host there is nothing to convert', async (t) => {
  const beside = await renderGuestConfig(files(t, `${GOOD}rabbit_password = canary\n`, GOOD))
  t.equal(beside.text, `${GOOD}# rabbit_password (removed from oslo.messaging in 2018; transport_url stands for it)\n`)
  t.same(beside.findings.map(({ level, option }) => `${level} ${option}`), ['warning rabbit_password'])
  for (const hopeless of ['rabbit_userid = trove', 'rpc_backend = qpid\nrabbit_host = 10.0.0.1']) {
    const { findings } = await renderGuestConfig(files(t, `[DEFAULT]\n${hopeless}\n`, '[DEFAULT]\n'))
    t.match(findings.at(-1), { level: 'error', option: 'transport_url', message: /got none/ })
  }
})

t.test('overrides win, comments stay, service credentials are left out unless asked for', async (t) => {
  const settings = files(t, `# head\n${GOOD}# kept\n[service_credentials]\npassword = canary\n`, GOOD)
  const overrides = { DEFAULT: { control_exchange: 'trove', debug: 'true' }, mysql: { docker_image: 'm' } }
  t.same(await renderGuestConfig({ ...settings, overrides }), { text: `# head\n${GOOD}debug = true\n# kept\n[mysql]\ndocker_image = m\n`, findings: [] })
  t.match((await renderGuestConfig({ ...settings, service_credentials: true })).text, /\[service_credentials\]\npassword = canary/)
})

t.test('without trove.conf one warning says that nothing was compared; without the file itself there is an error', async (t) => {
  const settings = files(t, GOOD)
  const { findings } = await renderGuestConfig(settings)
  t.equal(findings.length, 1)
  t.match(findings[0], { level: 'warning', message: /ENOENT: nothing was compared/ })
  await t.rejects(renderGuestConfig({ ...settings, path: '/nonexistent/g.conf' }), new GuestConfigError('guest_config.path /nonexistent/g.conf cannot be read (ENOENT); write it, or set guest_config.path to where it is'))
})

t.test('a good configuration has no findings', async (t) => t.same(check(GOOD, GOOD), []))

t.test('removed options are found where they are dead, and only there', async (t) => {
  t.same(brief(`${GOOD}rabbit_hosts = a\nrabbit_use_ssl = 1\n[oslo_messaging_rabbit]\nrabbit_port=1\nrabbit_use_ssl = 1\n`), [
    'warning [DEFAULT] rabbit_hosts',
    'warning [oslo_messaging_rabbit] rabbit_port',
    'warning [DEFAULT] rabbit_use_ssl',
  ])
})

t.test('a transport_url that no guest can use is found, and its password never shown', async (t) => {
  for (const [url, level, words] of [
    ['', 'error', /got none/],
    ['rabbit://u:canary@localhost/', 'error', /localhost/],
    ['rabbit://u:canary@127.0.1.1:5672/', 'error', /127\.0\.1\.1/],
    ['rabbit://u:canary@[::1]:5672/', 'error', /::1/],
    ['rabbit://u:canary@0.0.0.0/', 'error', /0\.0\.0\.0/],
    ['rabbit://u:canary@localhost,u:canary@h/', 'warning', /localhost/],
    ['rabit://u:canary@h/', 'error', /"rabit"/],
    ['kafka://u:canary@h/', 'warning', /kafka/],
    ['rabbit://u:can/canary@h/', 'error', /"\/"/],
    ['rabbit://u:can#canary@h/', 'error', /"#"/],
    ['rabbit://u:can?canary@h/', 'error', /"\?"/],
    ['rabbit://u:can@canary@h/', 'warning', /"@"/],
    ['rabbit://u:can:canary@h/', 'warning', /":"/],
    ['rabbit://u:can%canary@h/', 'warning', /"%"/],
    ['rabbit://u:can$canary@h/', 'error', /"\$"/],
    ['rabbit://u:can%2Fcanary@h/', 'warning', /without "\/"/],
  ] as const) {
    const found = check(withUrl(url).replace('%ca', url.includes('can%canary') ? '%xx' : '%ca'))
    t.equal(found.length, 1, url)
    t.match(found[0], { level, section: 'DEFAULT', option: 'transport_url', message: words })
    t.notMatch(JSON.stringify(found), /canary/)
  }
  t.same(check(withUrl('rabbit://u:can$$canary@h/')), [])
})

t.test('what differs from trove.conf is an error where guests never become healthy, else a warning', async (t) => {
  const rabbit = (lines: string) => `${GOOD}[oslo_messaging_rabbit]\n${lines}\n`
  for (const [guest, trove, ...found] of [
    [GOOD.replace('control_exchange = trove', ''), GOOD, 'error [DEFAULT] control_exchange'],
    [GOOD, GOOD.replace('control_exchange = trove', ''), 'error [DEFAULT] control_exchange'],
    [GOOD, GOOD.replace('5672/', '5672/trove'), 'error [DEFAULT] transport_url'],
    [`${GOOD}enable_secure_rpc_messaging = false\n`, GOOD, 'error [DEFAULT] enable_secure_rpc_messaging'],
    [`${GOOD}enable_secure_rpc_messaging = on\n`, GOOD],
    [rabbit('rabbit_quorum_queue = true'), GOOD, 'error [oslo_messaging_rabbit] rabbit_quorum_queue'],
    [GOOD, rabbit('rabbit_stream_fanout = true'), 'error [oslo_messaging_rabbit] rabbit_stream_fanout'],
    [GOOD, rabbit('amqp_durable_queues = true'), 'warning [oslo_messaging_rabbit] amqp_durable_queues'],
    [rabbit('rabbit_quorum_queue = 1'), rabbit('rabbit_quorum_queue = 1\namqp_durable_queues = true')],
    [GOOD, rabbit('rabbit_transient_quorum_queue = true'), 'warning [oslo_messaging_rabbit] rabbit_transient_quorum_queue'],
    [GOOD, rabbit('ssl = true'), 'error [oslo_messaging_rabbit] ssl'],
    [rabbit('rabbit_use_ssl = true'), rabbit('ssl = true')],
    [rabbit('ssl = true').replace('5672', '5671'), GOOD, 'warning [oslo_messaging_rabbit] ssl'],
  ] as [string, string, ...string[]][]) {
    t.same(brief(guest, trove), found, `${guest} against ${trove}`)
    t.notMatch(JSON.stringify(check(guest, trove)), /canary/)
  }
})
