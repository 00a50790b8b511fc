// Against a real RabbitMQ: what it says when it refuses is what this stage is about.
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { spawn } from 'node:child_process'
import { connect, createServer, type AddressInfo, type Server } from 'node:net'
import t, { type Test } from 'tap'
import { connectFault } from '../../amqp/connect-fault.ts'
import { GUEST } from '../../contract/paths.ts'
import { Fault } from '../../contract/fault.ts'
import { makeCa } from '../../host-server/pki/certificates.ts'
import { MEMORY, remember } from '../../guest-bootstrap/memory.ts'
import { openSession } from '../../guest-bootstrap/amqp/open-session.ts'
import { reachRabbitmq } from '../../guest-bootstrap/stages/reach-rabbitmq.ts'
import { INSTANCE, machine, type Machine } from './machine.ts'
import { startTlsBroker } from './tls-broker.ts'

const broker = await startTlsBroker()
t.teardown(() => broker[Symbol.asyncDispose]())
const { port, tlsPort } = broker
const password = broker.password.reveal()

const listening = async (server: Server): Promise<number> => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return (server.address() as AddressInfo).port
}
const silent = await listening(createServer((socket) => socket.on('error', () => {}).unref()))
const http = await listening(createHttpServer((_request, response) => void response.end()) as Server)
const closing = await listening(createServer((socket) => void socket.destroy()))
const otherCa = (await makeCa('other', new Date())).certificate
/** Nothing listens on it. */
const dead = 1

/** A port that no longer answers a SYN: its queue of connections is full, and nobody takes one out of it. Its process stands still. */
async function fullBacklog(t: Test): Promise<number> {
  const program = 'import socket,sys\ns=socket.socket()\ns.bind(("127.0.0.1",0))\ns.listen(0)\nprint(s.getsockname()[1],flush=True)\nsys.stdin.read()'
  const child = spawn('python3', ['-c', program], { stdio: ['pipe', 'pipe', 'inherit'] })
  t.teardown(() => child.kill())
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const full = Number(line.toString())
  // With a backlog of 0 the kernel holds one connection.
  const holder = connect(full, '127.0.0.1')
  t.teardown(() => holder.destroy())
  await once(holder, 'connect')
  return full
}

interface Asked {
  readonly url?: string
  readonly exchange?: string
  readonly rabbit?: string
}

/** A guest with this configuration. Time limits are short: the silence is ours. */
function guest(t: Parameters<typeof machine>[0], { url = `rabbit://trove:${password}@127.0.0.1:${port}/trove`, exchange = 'trove', rabbit = '' }: Asked): Machine {
  const it = machine(t, { changed: { amqp: (target) => openSession({ ...target, timeout: 700 }) } })
  remember(it.system.files, MEMORY.identity, { instance: INSTANCE, urls: [], source: '' })
  it.put(GUEST.servedConfig, `[DEFAULT]\ntransport_url = ${url}\ncontrol_exchange = ${exchange}\n[oslo_messaging_rabbit]\n${rabbit}`)
  it.put('/etc/trove/ca.pem', broker.ca)
  it.put('/etc/trove/other-ca.pem', otherCa)
  return it
}

t.test('all well: exchange and queue are there afterwards, as the agent declares them', async (t) => {
  const it = guest(t, {})
  t.equal(await reachRabbitmq.done(it.system), false)
  t.match(await reachRabbitmq.run(it.system), new RegExp(`^127.0.0.1:${port} \\(RabbitMQ [0-9.]+\\) vhost trove user trove exchange trove$`))
  t.equal(await reachRabbitmq.done(it.system), true)
  t.match(await broker.control('list_queues', '-p', 'trove', 'name', 'durable', 'auto_delete', 'consumers'), `guestagent.${INSTANCE}\tfalse\tfalse\t0`)
  t.match(await broker.control('list_exchanges', '-p', 'trove', 'name', 'type', 'durable'), 'trove\ttopic\tfalse')
  t.match(await broker.control('list_bindings', '-p', 'trove', 'source_name', 'destination_name'), `trove\tguestagent.${INSTANCE}`)
})

t.test('another transport_url makes it ask again', async (t) => {
  const it = guest(t, {})
  await reachRabbitmq.run(it.system)
  it.put(GUEST.servedConfig, `[DEFAULT]\ntransport_url = rabbit://trove:other@127.0.0.1:${port}/trove\n`)
  t.equal(await reachRabbitmq.done(it.system), false)
})

t.test('over TLS with the right CA', async (t) => {
  const it = guest(t, { url: `rabbit://trove:${password}@127.0.0.1:${tlsPort}/trove`, rabbit: 'ssl = true\nssl_ca_file = /etc/trove/ca.pem\n' })
  t.match(await reachRabbitmq.run(it.system), `127.0.0.1:${tlsPort}`)
})

t.test('one host that answers is enough, and the others are named', async (t) => {
  const it = guest(t, { url: `rabbit://trove:${password}@127.0.0.1:${dead},trove:${password}@127.0.0.1:${port}/trove` })
  t.match(await reachRabbitmq.run(it.system), / · not 127\.0\.0\.1:1 AMQP_REFUSED /)
})

const ssl = 'ssl = true\n'
const refusals: { title: string; asked: Asked; code: string; details?: Record<string, unknown>; message?: RegExp | string }[] = [
  { title: 'no transport_url', asked: { url: '' }, code: 'TRANSPORT_URL_MISSING' },
  { title: 'an unescaped # in the password', asked: { url: 'rabbit://trove:wrong-password#b@127.0.0.1/trove' }, code: 'TRANSPORT_URL_INVALID', message: '%23' },
  { title: 'another driver', asked: { url: 'kafka://trove:x@127.0.0.1/' }, code: 'TRANSPORT_URL_INVALID', message: 'got kafka://' },
  { title: 'connection refused', asked: { url: `rabbit://trove:${password}@127.0.0.1:${dead}/trove` }, code: 'AMQP_REFUSED', details: { host: '127.0.0.1', port: dead, vhost: 'trove', user: 'trove' } },
  { title: 'a host name that does not resolve', asked: { url: `rabbit://trove:${password}@nowhere.invalid/trove` }, code: 'AMQP_HOST_UNKNOWN', details: { host: 'nowhere.invalid', port: 5672, vhost: 'trove', user: 'trove' } },
  { title: 'a port that takes the connection and says nothing', asked: { url: `rabbit://trove:${password}@127.0.0.1:${silent}/trove` }, code: 'AMQP_SILENT', details: { host: '127.0.0.1', port: silent, vhost: 'trove', user: 'trove', tcp: 'open' }, message: 'takes the connection and says nothing' },
  { title: 'an HTTP server', asked: { url: `rabbit://trove:${password}@127.0.0.1:${http}/trove` }, code: 'AMQP_NOT_AMQP', message: 'HTTP/1.1 400 Bad Request' },
  { title: 'a server that hangs up', asked: { url: `rabbit://trove:${password}@127.0.0.1:${closing}/trove` }, code: 'AMQP_NOT_AMQP', message: 'without a word' },
  { title: 'a wrong password', asked: { url: `rabbit://trove:wrong-password@127.0.0.1:${port}/trove` }, code: 'AMQP_LOGIN_REFUSED' },
  { title: 'an unknown user', asked: { url: `rabbit://nobody:${password}@127.0.0.1:${port}/trove` }, code: 'AMQP_LOGIN_REFUSED', details: { host: '127.0.0.1', port, vhost: 'trove', user: 'nobody' } },
  { title: 'a vhost that does not exist', asked: { url: `rabbit://trove:${password}@127.0.0.1:${port}/nope` }, code: 'AMQP_VHOST_NOT_FOUND', message: 'rabbitmqctl add_vhost nope' },
  { title: 'a vhost without access', asked: { url: `rabbit://trove:${password}@127.0.0.1:${port}/closed` }, code: 'AMQP_VHOST_REFUSED', message: 'set_permissions -p closed trove' },
  { title: 'no vhost in the URL means /, which is closed', asked: { url: `rabbit://trove:${password}@127.0.0.1:${port}/` }, code: 'AMQP_VHOST_REFUSED', details: { host: '127.0.0.1', port, vhost: '/', user: 'trove' } },
  { title: 'a user who may not declare', asked: { url: `rabbit://reader:${password}@127.0.0.1:${port}/trove`, exchange: 'other' }, code: 'AMQP_PERMISSION', message: "access to exchange 'other' in vhost 'trove' refused" },
  { title: 'durable here, not durable there', asked: { rabbit: 'amqp_durable_queues = true\n' }, code: 'AMQP_EXCHANGE_DIFFERS', message: "inequivalent arg 'durable' for exchange 'trove'" },
  { title: 'a quorum queue here, a classic one there', asked: { exchange: 'durable', rabbit: 'rabbit_quorum_queue = true\n' }, code: 'AMQP_QUEUE_DIFFERS', message: 'inequivalent arg' },
  { title: 'the TLS port without ssl', asked: { url: `rabbit://trove:${password}@127.0.0.1:${tlsPort}/trove` }, code: 'AMQP_TLS_EXPECTED', message: 'ssl = true' },
  { title: 'ssl to the plain port', asked: { rabbit: `${ssl}ssl_ca_file = /etc/trove/ca.pem\n` }, code: 'AMQP_NOT_TLS' },
  { title: 'another CA', asked: { url: `rabbit://trove:${password}@127.0.0.1:${tlsPort}/trove`, rabbit: `${ssl}ssl_ca_file = /etc/trove/other-ca.pem\n` }, code: 'AMQP_UNTRUSTED' },
  { title: 'no CA at all', asked: { url: `rabbit://trove:${password}@127.0.0.1:${tlsPort}/trove`, rabbit: ssl }, code: 'AMQP_UNTRUSTED', message: 'authorities of this image' },
  { title: 'a CA file that is not in the guest', asked: { rabbit: `${ssl}ssl_ca_file = /etc/nowhere.pem\n` }, code: 'AMQP_CA_MISSING', details: { option: 'ssl_ca_file', path: '/etc/nowhere.pem' } },
]

for (const { title, asked, code, details, message } of refusals) {
  t.test(`${title}: ${code}`, async (t) => {
    const it = guest(t, asked)
    const fault = await reachRabbitmq.run(it.system).then(
      (note) => t.fail(`it went well: ${note}`) as never,
      (error: unknown) => error as Fault,
    )
    t.equal(fault.code, code, fault.message)
    if (details) t.same(fault.details, details)
    if (message) t.match(fault.message, message)
    const told = JSON.stringify([fault.message, fault.details])
    t.notMatch(told, password)
    t.notMatch(told, 'wrong-password')
    t.equal(await reachRabbitmq.done(it.system).catch(() => false), false)
  })
}

t.test('a broker behind something that drops its packets is told as that, with the way that packets take', async (t) => {
  const full = await fullBacklog(t)
  const it = guest(t, { url: `rabbit://trove:${password}@127.0.0.1:${full}/trove` })
  const system = { ...it.system, run: async () => ({ code: 0, stdout: '127.0.0.1 dev docker0 src 172.17.0.1 uid 0\n', stderr: '' }) }
  await t.rejects(reachRabbitmq.run(system), {
    code: 'AMQP_SILENT',
    details: { port: full, tcp: 'silent', dev: 'docker0', source: '172.17.0.1' },
    message: `no answer: 127.0.0.1:${full}: no answer to a TCP connection`,
  })
})

t.test("the kernel's own ETIMEDOUT is a TCP connection without an answer", async (t) => {
  const target = { host: '127.0.0.1', port: dead, user: 'trove', password: broker.password, vhost: 'trove', name: 'x', timeout: 100 }
  t.match(await connectFault(Object.assign(new Error('connect ETIMEDOUT 127.0.0.1:1'), { code: 'ETIMEDOUT' }), target), { code: 'AMQP_SILENT', details: { tcp: 'silent' } })
})

t.test('a transport_url that another file overrides is told with the name of that file', async (t) => {
  const it = guest(t, {})
  it.put('/etc/trove/conf.d/zz-local.conf', `[DEFAULT]\ntransport_url = rabbit://trove:wrong-password@127.0.0.1:${port}/trove\n`)
  await t.rejects(reachRabbitmq.run(it.system), { code: 'AMQP_LOGIN_REFUSED', details: { config: 'zz-local.conf' } })
  it.put('/etc/trove/conf.d/zz-local.conf', '[DEFAULT]\ntransport_url =\n')
  await t.rejects(reachRabbitmq.run(it.system), { code: 'TRANSPORT_URL_MISSING', details: { config: 'zz-local.conf' } })
  it.put('/etc/trove/conf.d/zz-local.conf', '[DEFAULT]\ntransport_url = kafka://h/\n')
  await t.rejects(reachRabbitmq.run(it.system), { code: 'TRANSPORT_URL_INVALID', details: { config: 'zz-local.conf' } })
  it.put('/etc/trove/conf.d/zz-local.conf', 'nonsense\n')
  await t.rejects(reachRabbitmq.run(it.system), { code: 'CONFIG_INVALID', details: { config: 'zz-local.conf' } })
})

t.test('a disk alarm, which blocks publishers: AMQP_BLOCKED', async (t) => {
  const it = guest(t, {})
  await broker.control('set_disk_free_limit', '900000GB')
  t.teardown(() => broker.control('set_disk_free_limit', '50MB'))
  await t.rejects(reachRabbitmq.run(it.system), { code: 'AMQP_BLOCKED', details: { alarm: /low on disk/ } })
})

t.test('of several hosts that fail, the fault that somebody has to mend is told first', async (t) => {
  const it = guest(t, { url: `rabbit://trove:${password}@127.0.0.1:${dead},trove:wrong-password@127.0.0.1:${port}/trove` })
  await t.rejects(reachRabbitmq.run(it.system), { code: 'AMQP_LOGIN_REFUSED', details: { port, others: '127.0.0.1:1 AMQP_REFUSED' } })
})
