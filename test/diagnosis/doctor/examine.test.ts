import t from 'tap'
import { catalogue } from '../../../diagnosis/catalogue.ts'
import { checks } from '../../../diagnosis/doctor/checks.ts'
import { examined } from './well-host.ts'

type Differs = Parameters<typeof examined>[0]

t.test('a host that is well: every check says so, and what it saw', async (t) => {
  const { verdict, checks: results, broken } = examined()
  t.equal(verdict, 'well')
  t.same(broken, [])
  t.same(results.filter(({ state, warnings }) => state !== 'well' || warnings.length > 0), [])
  t.match(Object.fromEntries(results.map(({ check, text }) => [check, text])), {
    'host-server': 'port 15555 on :: (node) · hands out /opt/stack/trove',
    certificate: '10.0.0.1, localhost · 364 d left',
    rabbitmq: '10.0.0.1:5672 · user trove, vhost trove: may configure, write, read · RabbitMQ 3.10.8',
    queues: 'taskmanager has 1 consumer · trove-conductor has 1 consumer',
    ports: /RabbitMQ 5672 · Neutron 9696 · not here: Keystone and Horizon, /,
    datastores: 'mysql 8.0.32 (default): image trove-guest',
    quota: 'project service: 2 of 10 instances, 9 of 500 ports',
  })
})

/** What is wrong, which check finds it by which cause, and what it has one type. */
const FAULTS: readonly [title: string, differs: Differs, check: string, id: string, type: RegExp][] = [
  ['no host-server', { host_server: { configured: false } }, 'host-server', 'D2', /^trovestrap init --name 10\.0\.0\.1$/],
  ['host-server does not run', { host_server: { listening: false }, machine: { listening: [{ address: '0.0.0.0', port: 5672 }] } }, 'host-server', 'D2', /^systemctl start trovestrap-host$/],
  ['host-server on loopback alone', { machine: { listening: [{ address: '127.0.0.1', port: 15555 }] } }, 'host-server', 'D2', /set listen\.address/],
  ['its source is gone', { host_server: { faults: [{ part: 'settings', message: 'source.path: /opt/stack/trove does not exist' }] } }, 'host-server', 'D4', /^ls -ld \/opt\/stack\/trove$/],
  ['its state is not initialised', { host_server: { listening: false, faults: [{ part: 'state', message: '/var/lib/trovestrap is not initialised (…/server.pem is missing); type: trovestrap init' }] } }, 'host-server', 'D4', /^trovestrap init$/],
  ['its certificate has run out', { host_server: { certificate: { names: ['10.0.0.1'], until: '2026-07-31T12:00:00.000Z' } } }, 'certificate', 'D5', /^trovestrap init --renew$/],
  ['its certificate lacks the address that guests use', { host: { address: '192.0.2.7' } }, 'certificate', 'D5', /add 192\.0\.2\.7 to `names`/],
  ['a key that others may read', { host: { keys: [{ path: '/var/lib/trovestrap/operator.token', mode: '0644' }] } }, 'keys', 'D13', /^chmod 600 \/var\/lib\/trovestrap\/operator\.token$/],
  ['a packet filter that lets nobody in to RabbitMQ', { host: { filter: { from: 'nft list ruleset', input: 'drop', forward: 'accept', closed: [{ port: 5672, open: 'no' }], forwards: 'yes', masquerades: [] } } }, 'ports', 'C5', /^trovestrap firewall apply/],
  ['a packet filter that forwards nothing for guests', { host: { guests: '10.0.0.0/24', filter: { from: 'iptables-save', input: 'accept', forward: 'drop', closed: [], forwards: 'no', masquerades: ['everything'] } } }, 'forwarding', 'C9', /^trovestrap firewall apply/],
  ['no transport_url for guests', { guest_config: { findings: [{ level: 'error', option: 'transport_url', message: "expected RabbitMQ's address, got none: the agent would dial itself", mend: 'write it' }] } }, 'guest-config', 'F3', /write transport_url = rabbit/],
  ['guests are told a loopback address', { guest_config: { findings: [{ level: 'error', option: 'transport_url', message: 'expected an address that guests can reach, got 127.0.0.1: in a guest that is the guest itself', mend: 'put …' }] } }, 'guest-config', 'C6', /^sed -i .*127\\\.0\\\.0\\\.1.*10\.0\.0\.1/],
  ['another exchange for guests', { guest_config: { findings: [{ level: 'error', option: 'control_exchange', message: 'expected trove as in trove.conf, got openstack: heartbeats are lost', mend: 'write' }] } }, 'guest-config', 'F5', /^crudini --set .* control_exchange trove$/],
  ["RabbitMQ refuses guests' password", { broker: { guests: guests('AMQP_LOGIN_REFUSED', 'login refused') } }, 'rabbitmq', 'G2', /transport_url/],
  ['guests have no permission', { broker: { guests: guests('AMQP_PERMISSION', "the user lacks a permission: ACCESS_REFUSED - access to queue 'guestagent.x' in vhost 'trove' refused") } }, 'rabbitmq', 'G4', /^rabbitmqctl set_permissions -p trove trove '\.\*' '\.\*' '\.\*'$/],
  ['guests have a vhost that is not there', { broker: { guests: guests('AMQP_VHOST_NOT_FOUND', 'the vhost does not exist') } }, 'rabbitmq', 'G3', /^rabbitmqctl add_vhost trove$/],
  ['RabbitMQ listens on loopback alone', { broker: { guests: guests('AMQP_REFUSED', 'connection refused') }, machine: { listening: [{ address: '::', port: 15555 }, { address: '127.0.0.1', port: 5672 }] } }, 'rabbitmq', 'G1', /RabbitMQ listens on 127\.0\.0\.1 alone/],
  ['RabbitMQ is down for both', { broker: { fault: { code: 'AMQP_REFUSED', message: 'connection refused' }, queues: {}, guests: guests('AMQP_REFUSED', 'connection refused') } }, 'rabbitmq', 'G1', /^systemctl start rabbitmq-server$/],
  ['RabbitMQ has an alarm', { broker: { inside: inside(['disk']) } }, 'rabbitmq', 'G11', /set_disk_free_limit/],
  ['nobody builds instances', { broker: { queues: { taskmanager: { present: true, messages: 1, consumers: 0 }, 'trove-conductor': { present: true, consumers: 1 } } } }, 'queues', 'N1', /^systemctl start trove-taskmanager$/],
  ['nobody hears guests', { broker: { queues: { taskmanager: { present: true, consumers: 1 }, 'trove-conductor': { present: true, messages: 0, consumers: 0 } } } }, 'queues', 'J1', /^systemctl start trove-conductor$/],
  ['trove-api does not run', { host: { services: { 'trove-api': [], 'trove-taskmanager': [12], 'trove-conductor': [13] } } }, 'trove', 'N13', /^systemctl start trove-api$/],
  ['nothing to inject, and no host-server', { host_server: { configured: false }, trove_conf: { guest_config: { path: '/etc/trove/trove-guestagent.conf', readable: false, why: 'no such file or directory' } } }, 'injected-files', 'N6', /write \/etc\/trove\/trove-guestagent\.conf/],
  ['a cloud-init template with write_files', { trove_conf: { templates: [{ path: '/etc/trove/cloudinit/mysql.cloudinit', problem: 'its write_files is empty' }] } }, 'injected-files', 'N7', /^mv \/etc\/trove\/cloudinit\/mysql\.cloudinit /],
  ['a deactivated image', { trove: { versions: [version({ image: { id: 'i1', status: 'deactivated', disk: 4, ram: 0 } })] } }, 'datastores', 'N10', /^openstack image set --activate i1$/],
  ['an image that is gone', { trove: { versions: [version({ image: undefined })] } }, 'datastores', 'N10', /image publish IMAGE\.qcow2 --datastore mysql --version 8\.0\.32/],
  ['no version is active', { trove: { versions: [version({ active: false })] } }, 'datastores', 'N10', /^openstack datastore version set v1 --enable$/],
  ['no flavor holds the image', { nova: { flavors: [{ id: '1', name: 'tiny', disk: 1, ram: 512 }] } }, 'flavors', 'N5', /^openstack flavor create trovestrap --vcpus 1 --disk 5 --ram 1024$/],
  ['nova-compute is down', { nova: { services: service('nova-compute', { state: 'down' }) } }, 'nova', 'N11', /^systemctl start nova-compute$/],
  ['nova-compute is disabled', { nova: { services: service('nova-compute', { status: 'disabled' }) } }, 'nova', 'N11', /^openstack compute service set --enable ctl nova-compute$/],
  ['the DHCP agent is dead', { neutron: { agents: [{ type: 'DHCP agent', host: 'ctl', alive: false, enabled: true }] } }, 'neutron', 'N12', /^systemctl start neutron-dhcp-agent$/],
  ['the quota is used up', { nova: { quotas: [{ project: 'service', resource: 'instances', limit: 10, used: 10 }] } }, 'quota', 'N3', /^openstack quota set --instances 20 service$/],
  ['a full disk', { host: { disks: [{ mount: '/var/lib/glance', holds: ["Glance's images"], size: 40e9, free: 1e6, inodes: 1e6, inodes_free: 9e5 }] } }, 'disk', 'N14', /^df -h \/var\/lib\/glance$/],
  ['a disk without inodes', { host: { disks: [{ mount: '/var/lib/glance', holds: ["Glance's images"], size: 40e9, free: 30e9, inodes: 1e6, inodes_free: 3 }] } }, 'disk', 'N14', /^df -h/],
]

for (const [title, differs, check, id, type] of FAULTS) {
  t.test(`${title}: ${check} finds it, by name and with what to type, and is the only one`, async (t) => {
    const { verdict, checks: results, broken } = examined(differs)
    t.equal(verdict, 'fault')
    t.same(broken, [])
    const faulty = results.filter(({ state }) => state === 'fault')
    const found = faulty.find((one) => one.check === check)
    t.same(found?.findings.map((one) => one.id), [id])
    t.ok(found!.findings[0]!.proof.length > 0, 'with a proof')
    t.match(found!.findings[0]!.mend.map(({ run, say }) => run ?? say).join('\n'), new RegExp(type.source, 'm'))
    // Without host-server, what Trove injects is all that guests have.
    t.same(faulty.filter((one) => one !== found).map((one) => one.check), id === 'N6' ? ['host-server'] : [])
  })
}

const UNSEEN: readonly [title: string, differs: Differs, check: string, state: string, verdict: string, type: RegExp][] = [
  ['this host could not be looked at', { without: { machine: 'permission denied' } }, 'host-server', 'unseen', 'undecided', /^sudo trovestrap doctor$/],
  ['RabbitMQ could not be asked', { without: { broker: '/etc/trove/trove.conf cannot be read: permission denied' } }, 'rabbitmq', 'unseen', 'undecided', /--trove-conf FILE/],
  ["guests' user is not known", { broker: { guests: undefined } as never }, 'rabbitmq', 'unseen', 'undecided', /^sudo trovestrap doctor$/],
  ['RabbitMQ ends the connection for a reason without a name', { broker: { guests: guests('AMQP_FAILED', 'the AMQP connection failed') } }, 'rabbitmq', 'unseen', 'undecided', /systemctl status rabbitmq-server/],
  ['no cloud is named', { without: { trove: 'no clouds.yaml, and no OS_AUTH_URL' } }, 'login', 'unseen', 'well', /OS_CLOUD=NAME/],
  ['the cloud does not answer', { without: { nova: 'Nova at ctl:8774 gives no answer in time' } }, 'nova', 'unseen', 'undecided', /^openstack token issue /],
  ['who asks is no admin', { trove: { login: { project: 'demo', admin: false } } }, 'login', 'unseen', 'undecided', /OS_CLOUD=NAME/],
  ['the packet filter forwards nothing, and for whom it would is not known', { host: { filter: { from: 'nft list ruleset', input: 'accept', forward: 'drop', closed: [], forwards: 'unknown', masquerades: [] } } }, 'forwarding', 'undecided', 'undecided', /--guests CIDR/],
  ['the packet filter cannot be read', { host: { filter: undefined } as never }, 'forwarding', 'unseen', 'well', /^sudo trovestrap doctor$/],
  ['nobody tells the time', { host: { clock: undefined } as never }, 'clock', 'unseen', 'well', /chrony/],
  ['trove.conf may not be read, so nothing is compared', { trove_conf: { file: { path: '/etc/trove/trove.conf', readable: false, why: 'permission denied' } } }, 'guest-config', 'unseen', 'undecided', /^sudo trovestrap doctor$/],
]

for (const [title, differs, check, state, verdict, type] of UNSEEN) {
  t.test(`${title}: that is said, with what to type, and it is never called well`, async (t) => {
    const examination = examined(differs)
    const told = examination.checks.find((one) => one.check === check)!
    t.equal(told.state, state)
    t.ok(told.text.length > 0)
    t.match(told.mend.map(({ run, say }) => `${run ?? ''} ${say ?? ''}`.trim()).join('\n'), type)
    t.equal(examination.verdict, verdict)
  })
}

const WARNED: readonly [title: string, differs: Differs, check: string, text: RegExp][] = [
  ['a certificate that ends soon', { host_server: { certificate: { names: ['10.0.0.1'], until: '2026-08-05T12:00:00.000Z' } } }, 'certificate', /ends in 3 d/],
  ['a clock that follows nobody', { host: { clock: { synchronised: false, from: 'timedatectl' } } }, 'clock', /follows no other clock/],
  ['Swift on loopback', { machine: { listening: [{ address: '::', port: 15555 }, { address: '127.0.0.1', port: 8080 }] } }, 'ports', /Swift listens on 127\.0\.0\.1:8080 alone/],
  ['a guest config that differs harmlessly', { guest_config: { findings: [{ level: 'warning', option: 'amqp_durable_queues', message: 'expected true', mend: 'write' }] } }, 'guest-config', /amqp_durable_queues: expected true/],
  ['nothing masquerades the guests', { host: { guests: '10.0.0.0/24', filter: { from: 'nft', input: 'accept', forward: 'accept', closed: [], forwards: 'yes', masquerades: [] } } }, 'forwarding', /nothing masquerades 10\.0\.0\.0\/24/],
  ['little room', { host: { disks: [{ mount: '/', holds: ["Nova's instances"], size: 40e9, free: 1e9, inodes: 1e6, inodes_free: 9e5 }] } }, 'disk', /little is left for Nova's instances/],
  ['one compute host of two is down', { nova: { services: [...service('nova-compute', {}), { binary: 'nova-compute', host: 'two', state: 'down', status: 'enabled' }] } }, 'nova', /nova-compute on two: down/],
  ['nothing to inject beside a host-server', { trove_conf: { guest_config: { path: '/etc/trove/x.conf', readable: false, why: 'no such file' } } }, 'injected-files', /injects no \/etc\/trove\/x\.conf/],
]

for (const [title, differs, check, text] of WARNED) {
  t.test(`${title} is a warning, and no fault`, async (t) => {
    const { verdict, checks: results } = examined(differs)
    t.equal(verdict, 'well')
    const { warnings } = results.find((one) => one.check === check)!
    t.match(warnings.map((one) => one.text).join('\n'), text)
    t.ok(warnings.every(({ mend }) => mend.length > 0))
  })
}

t.test('where guests come in by an address of a NAT, loopback is where they arrive', async (t) => {
  const { verdict } = examined({ host_server: { names: ['10.0.2.2'], certificate: { names: ['10.0.2.2'], until: '2027-08-01T12:00:00.000Z' } }, host: { aliases: ['10.0.2.2'] }, machine: { listening: [{ address: '127.0.0.1', port: 15555 }] } })
  t.equal(verdict, 'well')
})

t.test('every cause that a check names is one of the catalogue, and no cause belongs to two', async (t) => {
  const ids = checks.flatMap(({ causes }) => causes)
  t.same(ids.filter((id) => !catalogue.some((cause) => cause.id === id)), [])
  t.equal(new Set(ids).size, ids.length)
  t.equal(new Set(checks.map(({ name }) => name)).size, checks.length)
})

t.test('what only looks ahead belongs to a check, or nobody would hear of it', async (t) => {
  const told = checks.flatMap(({ causes }) => causes)
  t.same(catalogue.filter(({ id, ahead }) => ahead !== undefined && !told.includes(id)).map(({ id }) => id), [])
})

function guests(code: string, message: string) {
  return { host: '10.0.0.1', port: 5672, vhost: 'trove', user: 'trove', tls: false, fault: { code, message } }
}

function inside(alarms: string[]) {
  return { from: 'rabbitmqctl' as const, vhosts: [], users: [], permissions: [], alarms, connections: [], bindings: [], everywhere: [] }
}

function version(differs: object) {
  const { image, ...rest } = { id: 'v1', datastore: 'mysql', version: '8.0.32', active: true, default: true, image_id: 'i1', tags: [], image: { id: 'i1', status: 'active', disk: 4, ram: 0 }, ...differs } as { id: string; datastore: string; version: string; active: boolean; default: boolean; tags: string[]; image?: { id: string; status: string; disk: number; ram: number } }
  return image === undefined ? rest : { ...rest, image }
}

function service(binary: string, differs: object) {
  return ['nova-conductor', 'nova-scheduler', 'nova-compute'].map((one) => ({ binary: one, host: 'ctl', state: 'up', status: 'enabled', ...(one === binary ? differs : {}) }))
}
