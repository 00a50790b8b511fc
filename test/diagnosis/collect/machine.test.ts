import { createServer, type AddressInfo } from 'node:net'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { Value } from 'typebox/value'
import { initialise } from '../../../host-server/pki/initialise.ts'
import { loadSettings } from '../../../host-server/settings.ts'
import { machineCollector } from '../../../diagnosis/collect/machine.ts'
import { MachineSeen } from '../../../diagnosis/evidence.ts'
import { look } from './context.ts'

const TROVE = (folder: string, port: number) => `[DEFAULT]
transport_url = rabbit://trove:canary-of-trove@127.0.0.1:${port}/trove
control_exchange = trove
usage_timeout = 900
guest_config = ${folder}/agent.conf
cloudinit_location = ${folder}/cloudinit
[network]
network_isolation = true
`
const AGENT = (port: number) => `[DEFAULT]
transport_url = rabbit://trove:canary-of-guest@10.0.2.2:${port}/trove
log_file = /var/log/trove/agent.log
[oslo_messaging_rabbit]
amqp_durable_queues = true
[mysql]
docker_image = registry/mysql
[service_credentials]
password = canary-of-service
`

t.test('a host with everything on it', async (t) => {
  const { folder, file, port } = await hostIn(t)
  const { seen, partly } = await look(machineCollector({ settingsFile: file, aliases: { '10.0.2.2': '127.0.0.1' } }))
  t.same([...Value.Errors(MachineSeen, seen)], [])
  t.same(partly.filter((why) => !why.startsWith('forwarding policy')), [])
  t.ok(seen.listening.some((one) => one.address === '127.0.0.1' && one.port === port))
  const { certificate, ...server } = seen.host_server
  t.same(server, {
    ...{ configured: true, config_file: file, port, names: ['controller', '10.0.2.2'], source: join(folder, 'tree'), state: join(folder, 'state'), listening: true },
    faults: [
      {
        part: 'guest_config',
        message:
          '[DEFAULT] control_exchange: expected trove as in trove.conf, got nothing, which means openstack: heartbeats are lost without an error; write control_exchange = trove in [DEFAULT]',
      },
    ],
  })
  t.same(certificate!.names, ['controller', '10.0.2.2', 'localhost', '127.0.0.1'])
  t.match(certificate!.until, /^\d{4}-/)
  t.same(seen.trove_conf, {
    file: { path: join(folder, 'trove.conf'), readable: true },
    transport: { hosts: [{ host: '127.0.0.1', port, user: 'trove' }], vhost: 'trove', tls: false },
    options: {
      ...{ control_exchange: 'trove', 'DEFAULT.control_exchange': 'trove', usage_timeout: '900', 'DEFAULT.usage_timeout': '900' },
      ...{ guest_config: join(folder, 'agent.conf'), 'DEFAULT.guest_config': join(folder, 'agent.conf') },
      ...{ cloudinit_location: join(folder, 'cloudinit'), 'DEFAULT.cloudinit_location': join(folder, 'cloudinit'), 'network.network_isolation': 'true' },
    },
    guest_config: { path: join(folder, 'agent.conf'), readable: true },
    templates: [{ path: join(folder, 'cloudinit/mysql.cloudinit') }, { path: join(folder, 'cloudinit/postgresql.cloudinit'), problem: 'expected a YAML mapping under one #cloud-config, got a script: it is dropped, or ends what Trove injects' }],
  })
  t.same(seen.guest_config!.options, {
    ...{ log_file: '/var/log/trove/agent.log', 'DEFAULT.log_file': '/var/log/trove/agent.log' },
    ...{ amqp_durable_queues: 'true', 'oslo_messaging_rabbit.amqp_durable_queues': 'true', 'mysql.docker_image': 'registry/mysql' },
  })
  t.same(seen.guest_config!.findings.map(({ level, option }) => [level, option]), [
    ['error', 'control_exchange'],
    ['warning', 'amqp_durable_queues'],
  ])
  t.match(seen.guest_config, { same_password: false, reach: [{ host: '10.0.2.2', port, outcome: 'open' }] })
  t.ok(seen.free! > 0)
  t.notMatch(JSON.stringify(seen), /canary/)
})

t.test('what keeps host-server from starting is told in its own words', async (t) => {
  const { folder, file } = await hostIn(t)
  rmSync(join(folder, 'tree'), { recursive: true })
  rmSync(join(folder, 'state/operator.token'))
  const { seen } = await look(machineCollector({ settingsFile: file }))
  t.match(seen.host_server.faults, [
    { part: 'settings', message: `source.path: ${join(folder, 'tree')} does not exist` },
    { part: 'state', message: /is not initialised .*trovestrap init$/ },
    { part: 'guest_config' },
  ])
})

t.test('settings that cannot be used leave the rest of the host to be seen', async (t) => {
  const folder = t.testdir({ 'config.yaml': 'names: [controller]\nlisten: {port: nine}\nsource: {path: tree}\n' })
  const file = join(folder, 'config.yaml')
  const { seen } = await look(machineCollector({ settingsFile: file, troveConf: join(folder, 'absent.conf'), guestConfig: join(folder, 'absent-too.conf') }))
  t.same(seen.host_server, { configured: true, config_file: file, faults: [{ part: 'settings', message: 'listen.port: expected 1 to 65535, got "nine"' }] })
  t.same(seen.trove_conf, { file: { path: join(folder, 'absent.conf'), readable: false, why: 'no such file or directory' }, options: {}, templates: [] })
  t.same(seen.guest_config, { file: { path: join(folder, 'absent-too.conf'), readable: false, why: 'no such file or directory' }, options: {}, findings: [] })
})

t.test('without host-server, a guest configuration that oslo.config refuses is seen with the line', async (t) => {
  const folder = t.testdir({ 'agent.conf': 'transport_url = rabbit://u:canary@h/\n' })
  const { seen } = await look(machineCollector({ troveConf: '/no/such.conf', guestConfig: join(folder, 'agent.conf') }))
  t.same(seen.host_server, { configured: false, faults: [] })
  t.match(seen.guest_config!.file, { readable: true, why: /agent\.conf:1: / })
  t.notMatch(JSON.stringify(seen), /canary/)
})

t.test('only the template of the instance’s datastore is looked at where it is known', async (t) => {
  const { folder, file } = await hostIn(t)
  const { seen } = await look(machineCollector({ settingsFile: file, datastore: 'mysql' }))
  t.same(seen.trove_conf!.templates, [{ path: join(folder, 'cloudinit/mysql.cloudinit') }])
})

/** A port that listens stands for host-server and RabbitMQ both. */
async function hostIn(t: Test): Promise<{ folder: string; file: string; port: number }> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const folder = t.testdir({
    tree: {},
    cloudinit: { 'mysql.cloudinit': '#cloud-config\nruncmd: [ls]\n', 'postgresql.cloudinit': '#!/bin/sh\n' },
    'agent.conf': AGENT(port),
    'config.yaml': `names: [controller, 10.0.2.2]\nlisten: {port: ${port}}\nstate: state\nsource: {path: tree}\nguest_config: {path: agent.conf, trove_conf: trove.conf}\n`,
  })
  const file = join(folder, 'config.yaml')
  writeFileSync(join(folder, 'trove.conf'), TROVE(folder, port))
  await initialise(loadSettings(file))
  return { folder, file, port }
}
