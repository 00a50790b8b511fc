import t from 'tap'
import { guestNetwork } from '../../../diagnosis/causes/guest-network.ts'
import type { Cause } from '../../../diagnosis/cause.ts'
import { answers, ask, done, failed, type Given } from '../evidence-of.ts'

const silent = (details = {}) => failed('reach-rabbitmq', 'AMQP_SILENT', { host: '10.0.2.2', port: 5672, vhost: 'trove', user: 'trove', ...details })
const greeted = done('network', '10.0.2.15 on ens3 · https://10.0.2.2:15555 · clock agrees')
const probe = (port: number, outcome: string, host = '10.0.2.2') => ({ host, port, outcome })
const nic = (name: string, address: string, state = 'UP') => ({ interface: name, address, state })
const routes = ['default via 10.0.2.1 dev ens3', 'default via 192.168.9.1 dev ens4']
const via = (dev: string) => [{ to: '10.0.2.2', route: `10.0.2.2 via 192.168.9.1 dev ${dev} src 192.168.9.5` }]
const eth1 = [{ path: '/etc/trove/eth1.json', exists: true }]
const transport = (host: string) => ({ hosts: [{ host, port: 5672, user: 'trove' }], vhost: 'trove', file: '/etc/trove/conf.d/trove-guestagent.conf' })
const TIMED_OUT = { 'guest-agent.service': ['ERROR oslo.messaging._drivers.impl_rabbit Connection failed: timed out (retrying in 1.0 seconds)'] }
const REFUSED = { 'guest-agent.service': ['Connection failed: [Errno 111] ECONNREFUSED (retrying in 1.0 seconds)'] }
const DROP = { forward: { policy: 'DROP', from: 'iptables -S FORWARD' } }
const NO_USE = 'expected an address that guests can reach, got 127.0.0.1: in a guest that is the guest itself'
const group = { ports: [{ id: 'p', status: 'ACTIVE', addresses: ['10.0.2.15'], network: 'n', security_groups: ['sg-1'] }] }
const rule = (from: number, to: number) => ({ group: 'sg-1', direction: 'egress', protocol: 'tcp', from, to })

const CASES: readonly [title: string, given: Given, ids: readonly string[]][] = [
  ['no address, by the daemon', { console: [failed('network', 'NO_ADDRESS')] }, ['C1']],
  ['the address was lost', { console: [greeted, failed('network', 'NO_ADDRESS')] }, ['C1']],
  ['no address, by the table of cloud-init', { console: ['ci-info: ++++Net device info++++', 'ci-info: | ens3 | True | fe80::5054:ff:fe12:3456/64 | . | link | 52:54 |', 'ci-info: | lo | True | 127.0.0.1 | 255.0.0.0 | host | . |'] }, ['C1']],
  ['an address in the table', { console: ['ci-info: ++++Net device info++++', 'ci-info: | ens3 | True | 10.0.2.15 | 255.255.255.0 | global | 52:54 |'] }, []],
  ['no table was printed', { console: ['[ 0.0] Linux version 6.1'] }, []],
  ['two default routes, and the guest goes by the other', { console: [silent({ tcp: 'silent' })], guest: { via: 'debug@10.0.2.15:22', routes, paths: via('ens4'), addresses: [nic('ens3', '10.0.2.15'), nic('ens4', '192.168.9.5')] } }, ['C2', 'C5?']],
  ['two default routes, and the one by which it is reached wins', { console: [silent({ tcp: 'silent' })], guest: { via: 'debug@192.168.9.5:22', routes, paths: via('ens4'), addresses: [nic('ens4', '192.168.9.5')] } }, ['C2?', 'C5?']],
  ['two default routes and a broker that answers elsewhere', { console: [greeted, silent({ tcp: 'silent' })], guest: { routes, paths: via('ens4') } }, ['C5']],
  ['network_isolation has taken an interface down', { console: [failed('reach-rabbitmq', 'AMQP_UNREACHABLE', { host: '10.9.0.2', port: 5672 })], guest: { files: eth1, addresses: [nic('ens3', '10.0.2.15'), nic('ens4', '', 'DOWN')] } }, ['C3']],
  ["the broker's name does not resolve", { console: [failed('reach-rabbitmq', 'AMQP_HOST_UNKNOWN', { host: 'broker.internal', port: 5672 })] }, ['C4']],
  ["the host's name does not resolve", { console: [failed('network', 'HOST_UNKNOWN', { host: 'controller', port: 15555 })] }, ['C4']],
  ['a name does not resolve, by the agent', { guest: { journals: { 'guest-agent.service': ['Connection failed: [Errno -2] No address found (retrying in 1.0 seconds)'] } } }, ['C4']],
  ['silent, while the host at the same address answered', { console: [greeted, silent({ tcp: 'silent', dev: 'ens3' })] }, ['C5']],
  ['silent, and what was tried over SSH tells the rest', { console: [silent()], guest: { probes: [probe(5672, 'silent'), probe(15555, 'open')] } }, ['C5']],
  ['silent in a guest without our daemon', { guest: { journals: TIMED_OUT, transport: transport('10.0.2.2'), probes: [probe(5672, 'silent'), probe(22, 'refused')] } }, ['C5']],
  ['no rule lets the port out', { console: [silent({ tcp: 'silent' })], neutron: { ...group, rules: [rule(80, 443)] } }, ['C5']],
  ['silent, and nothing else is known', { console: [silent()] }, ['C5?']],
  ['the port takes connections and says nothing: that is another cause', { console: [greeted, silent({ tcp: 'open' })] }, []],
  ['loopback, by the daemon, in a file of the guest', { console: [failed('reach-rabbitmq', 'AMQP_REFUSED', { host: '127.0.0.1', port: 5672, config: 'zz-local.conf' })] }, ['C6']],
  ['loopback, refused by host-server', { console: [failed('network', 'HOST_REFUSED', { host: '10.0.2.2', port: 15555 })], machine: { host_server: { listening: false, faults: [{ part: 'guest_config', message: `[DEFAULT] transport_url: ${NO_USE}` }] } } }, ['C6']],
  ['loopback in a guest without our daemon', { guest: { journals: REFUSED, transport: transport('localhost') } }, ['C6']],
  ['a guest without transport_url is another cause', { guest: { journals: REFUSED } }, []],
  ['no route to the broker, all interfaces up', { console: [greeted, failed('reach-rabbitmq', 'AMQP_UNREACHABLE', { host: '172.30.0.2', port: 5672 })], guest: { addresses: [nic('ens3', '10.0.2.15')] } }, ['C6']],
  ['no route to the broker, nobody looked into the guest', { console: [greeted, failed('reach-rabbitmq', 'AMQP_UNREACHABLE', { host: '172.30.0.2', port: 5672 })] }, ['C6?']],
  ['RabbitMQ saw the handshake break off', { console: [greeted, silent({ tcp: 'open' })], broker_log: ['closing AMQP connection <0.9.0> (10.0.2.15:4433 -> 10.0.2.2:5672): {handshake_timeout,frame_header}'] }, ['C7']],
  ['RabbitMQ answers this host at the same port', { console: [greeted, silent({ tcp: 'open' })], broker: {} }, ['C7?']],
  ['the host is looked for behind docker0', { console: [failed('network', 'HOST_SILENT', { host: '172.17.0.9', port: 15555, dev: 'docker0', source: '172.17.0.1' })] }, ['C8']],
  ['the broker is looked for behind docker0, whatever the chain of the host says', { console: [silent({ tcp: 'silent', dev: 'docker0' })], machine: DROP }, ['C8']],
  ['the host drops what it should forward', { console: [failed('network', 'HOST_SILENT', { host: '10.9.0.1', port: 15555, dev: 'ens3' })], machine: DROP, guest: { probes: [probe(15555, 'silent', '10.9.0.1'), probe(5672, 'silent', '10.9.0.1')] } }, ['C9']],
  ['the host forwards nothing, and the guest was not looked into', { console: [failed('network', 'HOST_SILENT', { host: '10.9.0.1', port: 15555 })], machine: DROP }, ['C9?']],
  ['the host forwards nothing, and the guest reaches something', { console: [failed('network', 'HOST_SILENT', { host: '10.9.0.1', port: 15555 })], machine: DROP, guest: { probes: [probe(5672, 'open')] } }, []],
  ['a guest that is well, on a host that forwards nothing', { console: [greeted, done('ready')], machine: DROP }, []],
]

for (const [title, given, ids] of CASES) t.test(title, async (t) => t.same(answers(guestNetwork, given), ids))

const C6 = guestNetwork.find(({ id }) => id === 'C6') as Cause

t.test("an address that guests reach takes loopback's place beside a password that nobody reads", async (t) => {
  const answer = ask(C6, {
    console: [failed('network', 'HOST_REFUSED', { host: '10.0.2.2', port: 15555 })],
    machine: {
      host_server: { listening: false, faults: [{ part: 'guest_config', message: NO_USE }] },
      guest_config: { file: { path: '/srv/guest.conf', readable: true }, findings: [{ level: 'error', option: 'transport_url', message: NO_USE, mend: '' }] },
    },
  })
  t.match(answer, {
    mend: [{ on: 'host', run: "sed -i '/^ *transport_url/s/@127\\.0\\.0\\.1\\([:/,]\\)/@10.0.2.2\\1/g' /srv/guest.conf" }, { on: 'host', run: 'systemctl restart trovestrap-host' }],
  })
})

t.test('a file of the guest that names loopback is put aside, and the served one counts', async (t) => {
  const answer = ask(C6, { console: [failed('reach-rabbitmq', 'AMQP_REFUSED', { host: '127.0.0.1', port: 5672, config: 'zz-local.conf' })] })
  t.match(answer, { what: /zz-local\.conf/, mend: [{ on: 'guest', run: 'sudo mv /etc/trove/conf.d/zz-local.conf /etc/trove/conf.d/zz-local.conf.off' }] })
})

t.test("a host name that a shell would read more into is in no command", async (t) => {
  const answer = ask(guestNetwork.find(({ id }) => id === 'C4')!, { console: [greeted, failed('reach-rabbitmq', 'AMQP_HOST_UNKNOWN', { host: "x'; reboot; '", port: 5672 })] })
  t.ok(answer && 'mend' in answer)
  t.notMatch(JSON.stringify(answer && 'mend' in answer ? answer.mend.map(({ run }) => run) : ''), /reboot/)
})
