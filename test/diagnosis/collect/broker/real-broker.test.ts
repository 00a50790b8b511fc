import { connect } from 'amqplib'
import t from 'tap'
import { Value } from 'typebox/value'
import { Secret } from '../../../../contract/secret.ts'
import { brokerCollector, type BrokerOptions } from '../../../../diagnosis/collect/broker.ts'
import { BrokerSeen } from '../../../../diagnosis/evidence.ts'
import { startTlsBroker } from '../../../guest-bootstrap/tls-broker.ts'
import { INSTANCE, look } from '../context.ts'
import { at, listening } from './listening.ts'

const NO_CTL = { ctl: { command: ['/no/such/rabbitmqctl'] } }
/** rabbitmqctl is an Erlang machine of its own each time, and the tests beside it may have the processors. */
const BUSY = 6
const QUEUE = `guestagent.${INSTANCE}`

t.test('a real RabbitMQ', async (t) => {
  await using broker = await startTlsBroker()
  const ctl = { ctl: { env: broker.env } }
  const transportUrl = (user = 'trove', vhost = 'trove', port = broker.port, password = broker.password) => new Secret(`rabbit://${user}:${password.reveal()}@127.0.0.1:${port}/${vhost}`)
  const agent = await connect(`amqp://trove:${broker.password.reveal()}@127.0.0.1:${broker.port}/trove`, { clientProperties: { connection_name: 'trove-guestagent:1:\u001b[2J' } })
  t.teardown(() => agent.close().catch(() => {}))
  const channel = await agent.createChannel()
  await channel.assertExchange('trove', 'topic', { durable: false })
  await channel.assertQueue(QUEUE, { durable: false })
  await channel.bindQueue(QUEUE, 'trove', QUEUE)
  await channel.consume(QUEUE, () => {})
  await channel.assertQueue('taskmanager', { durable: true, arguments: { 'x-queue-type': 'quorum' } })
  channel.sendToQueue('taskmanager', Buffer.from('create'))

  await t.test('queues, exchanges and everything that an administrator sees', async (t) => {
    const began = performance.now()
    const { seen, partly } = await look(brokerCollector({ ...ctl, transportUrl: transportUrl(), exchange: 'other' }), undefined, BUSY)
    t.ok(performance.now() - began < 3900, `${Math.round(performance.now() - began)} ms`)
    t.same(partly, [])
    t.same([...Value.Errors(BrokerSeen, seen)], [])
    t.match(seen, { host: '127.0.0.1', port: broker.port, vhost: 'trove', user: 'trove', tls: false, product: /^RabbitMQ \d/ })
    t.equal(seen.fault, undefined)
    t.match(seen.queues, {
      [QUEUE]: { present: true, messages: 0, consumers: 1, durable: false, type: 'classic', state: 'running' },
      'trove-conductor': { present: false },
      taskmanager: { present: true, messages: 1, consumers: 0, durable: true, type: 'quorum' },
    })
    t.same(seen.exchanges, { trove: true, openstack: false, other: false })
    t.match(seen.inside, {
      from: 'rabbitmqctl',
      vhosts: ['/', 'closed', 'trove'],
      users: ['reader', 'trove'],
      alarms: [],
      everywhere: [{ vhost: 'trove', messages: 0, consumers: 1 }],
    })
    t.strictSame(seen.inside!.permissions.find(({ user }) => user === 'reader'), { vhost: 'trove', user: 'reader', configure: '^$', write: '.*', read: '.*' })
    t.match(seen.inside!.connections.find(({ name }) => name?.startsWith('trove-guestagent')), { user: 'trove', vhost: 'trove', peer: '127.0.0.1', state: 'running' })
    t.ok(seen.inside!.bindings.some(({ source, key }) => source === 'trove' && key === QUEUE))
  })

  await t.test('each refusal has the code that a guest gives it', async (t) => {
    const code = async (options: Omit<BrokerOptions, 'ctl'>) => (await look(brokerCollector({ ...NO_CTL, ...options }), undefined, BUSY)).seen.fault?.code
    t.equal(await code({ transportUrl: transportUrl('trove', 'trove', broker.port, new Secret('wrong')) }), 'AMQP_LOGIN_REFUSED')
    t.equal(await code({ transportUrl: transportUrl('trove', 'nope') }), 'AMQP_VHOST_NOT_FOUND')
    t.equal(await code({ transportUrl: transportUrl('trove', 'closed') }), 'AMQP_VHOST_REFUSED')
    t.equal(await code({ transportUrl: transportUrl('trove', 'trove', broker.tlsPort) }), 'AMQP_TLS_EXPECTED')
    t.equal(await code({ transportUrl: transportUrl(), tls: { ca: broker.ca } }), 'AMQP_NOT_TLS')
    t.equal(await code({ transportUrl: transportUrl('trove', 'trove', broker.tlsPort), tls: { ca: broker.ca } }), undefined)
  })

  await t.test('where AMQP is not let in, rabbitmqctl still tells of the queues', async (t) => {
    const { seen } = await look(brokerCollector({ ...ctl, transportUrl: transportUrl('trove', 'trove', broker.port, new Secret('wrong')) }), undefined, BUSY)
    t.match(seen, { fault: { code: 'AMQP_LOGIN_REFUSED' }, queues: { [QUEUE]: { present: true, consumers: 1 }, 'trove-conductor': { present: false } } })
  })

  await t.test('the second host of a URL counts where the first is away, and that is said', async (t) => {
    const two = new Secret(`rabbit://a:b@127.0.0.1:1,trove:${broker.password.reveal()}@127.0.0.1:${broker.port}/trove`)
    const { seen, partly } = await look(brokerCollector({ ...NO_CTL, transportUrl: two }), undefined, BUSY)
    t.match(seen, { port: broker.port, fault: undefined, queues: { [QUEUE]: { consumers: 1 } } })
    t.same(partly, ['rabbitmqctl: not installed on this host', '127.0.0.1:1: connection refused: 127.0.0.1:1'])
  })

  await t.test("rabbitmqctl of another broker is not taken for this one's", async (t) => {
    const { port, server } = await listening(t, () => {})
    await new Promise((done) => server.close(done))
    const { seen, partly } = await look(brokerCollector({ ...ctl, ...at(port) }), undefined, BUSY)
    t.equal(seen.inside, undefined)
    t.same(partly, [`rabbitmqctl on this host speaks of another broker than 127.0.0.1:${port}`])
  })

  await t.test('the queue in another vhost is found', async (t) => {
    await broker.control('set_permissions', '-p', 'closed', 'trove', '.*', '.*', '.*')
    const { seen } = await look(brokerCollector({ ...ctl, transportUrl: transportUrl('trove', 'closed') }), undefined, BUSY)
    t.match(seen, { queues: { [QUEUE]: { present: false } }, inside: { everywhere: [{ vhost: 'trove', consumers: 1 }] } })
  })

  await t.test('an alarm is told, and clients with an endless name or none are told apart', async (t) => {
    const endless = await connect(`amqp://trove:${broker.password.reveal()}@127.0.0.1:${broker.port}/trove`, { clientProperties: { connection_name: 'n'.repeat(2000) } })
    const nameless = await connect(`amqp://trove:${broker.password.reveal()}@127.0.0.1:${broker.port}/trove`)
    await broker.control('set_vm_memory_high_watermark', 'absolute', '1MB')
    const { seen, partly } = await look(brokerCollector({ ...ctl, transportUrl: transportUrl() }), undefined, BUSY)
    t.same(partly, [])
    t.same(seen.inside!.alarms, ['memory'])
    t.ok(seen.inside!.connections.some(({ name }) => name === 'n'.repeat(300)))
    t.ok(seen.inside!.connections.some(({ name }) => name === undefined))
    await Promise.all([endless.close(), nameless.close()])
  })
})
