import { connect } from 'amqplib'
import t from 'tap'
import { Secret } from '../../../../contract/secret.ts'
import { askAsGuest, type GuestsAccess } from '../../../../diagnosis/collect/broker/ask-as-guest.ts'
import { brokerCollector } from '../../../../diagnosis/collect/broker.ts'
import { checks } from '../../../../diagnosis/doctor/checks.ts'
import { examine, NOBODY } from '../../../../diagnosis/doctor/examine.ts'
import { startTlsBroker } from '../../../guest-bootstrap/tls-broker.ts'
import { evidenceOf } from '../../seen-of.ts'
import { look } from '../context.ts'

/** Other tests may have the processors. */
const PATIENCE = 10_000

t.test('a real RabbitMQ, tried as an agent uses it', async (t) => {
  await using broker = await startTlsBroker()
  const access = (differs: Partial<GuestsAccess> & { user?: string; password?: Secret; port?: number; host?: string } = {}): GuestsAccess => {
    const { user = 'trove', password = broker.password, port = broker.port, host = '127.0.0.1', ...rest } = differs
    return { hosts: [{ host, port, user, password }], vhost: 'trove', exchange: 'trove', durable: false, autoDelete: false, aliases: {}, ...rest }
  }
  const fault = async (differs?: Parameters<typeof access>[0]) => (await askAsGuest(access(differs), PATIENCE)).fault?.code
  const control = await connect(`amqp://trove:${broker.password.reveal()}@127.0.0.1:${broker.port}/trove`)
  t.teardown(() => control.close().catch(() => {}))
  const queues = async () => (await broker.control('list_queues', '-p', 'trove', 'name')).split('\n').filter((line) => line.startsWith('guestagent'))

  await t.test('before any service of Trove was there, a login and a queue are what there is to try', async (t) => {
    t.equal(await fault(), undefined)
    t.same(await queues(), [])
  })

  const channel = await control.createChannel()
  await channel.assertExchange('trove', 'topic', { durable: false })

  await t.test('who may do all that has no fault, and nothing stays behind', async (t) => {
    t.same(await askAsGuest(access({ host: '10.0.2.2', aliases: { '10.0.2.2': '127.0.0.1' } }), PATIENCE), { host: '10.0.2.2', port: broker.port, vhost: 'trove', user: 'trove', tls: false })
    t.same(await queues(), [])
  })

  await t.test('each refusal has the code that a guest gives it', async (t) => {
    t.equal(await fault({ password: new Secret('wrong') }), 'AMQP_LOGIN_REFUSED')
    t.equal(await fault({ vhost: 'nope' }), 'AMQP_VHOST_NOT_FOUND')
    t.equal(await fault({ vhost: 'closed' }), 'AMQP_VHOST_REFUSED')
    t.equal(await fault({ user: 'reader' }), 'AMQP_PERMISSION')
    t.equal(await fault({ durable: true }), 'AMQP_EXCHANGE_DIFFERS')
    t.equal(await fault({ port: 1 }), 'AMQP_REFUSED')
    t.equal(await fault({ port: broker.tlsPort }), 'AMQP_TLS_EXPECTED')
    t.equal(await fault({ port: broker.tlsPort, tls: { ca: broker.ca } }), undefined)
    t.equal(await fault({ port: broker.tlsPort, tls: {} }), 'AMQP_UNTRUSTED')
  })

  await t.test('each single permission that is missing is found', async (t) => {
    for (const [which, ...patterns] of [['write to the exchange', '.*', 'guestagent.*', '.*'], ['read from its queue', '.*', '.*', '^$'], ['configure its queue', '^trove$', '.*', '.*']] as const) {
      await broker.control('set_permissions', '-p', 'trove', 'trove', ...patterns)
      t.equal(await fault(), 'AMQP_PERMISSION', which)
    }
    await broker.control('set_permissions', '-p', 'trove', 'trove', '.*', '.*', '.*')
    t.equal(await fault(), undefined)
  })

  await t.test('of several hosts the first that lets it in counts', async (t) => {
    const [host] = access().hosts
    t.match(await askAsGuest(access({ hosts: [{ ...host!, port: 1 }, host!] }), PATIENCE), { port: broker.port })
    t.match(await askAsGuest(access({ hosts: [{ ...host!, port: 1 }, { ...host!, password: new Secret('wrong') }] }), PATIENCE), { port: 1, fault: { code: 'AMQP_REFUSED' } })
  })

  await t.test('doctor finds the permission that was taken away, and what it says to type brings it back', async (t) => {
    const examined = async () => {
      const transportUrl = new Secret(`rabbit://trove:${broker.password.reveal()}@127.0.0.1:${broker.port}/trove`)
      const { seen } = await look(brokerCollector({ transportUrl, ctl: { command: ['/no/such/rabbitmqctl'] }, guests: access() }), undefined, 6)
      const [rabbitmq] = examine(evidenceOf({ instance: NOBODY, broker: seen }), checks.filter(({ name }) => name === 'rabbitmq')).checks
      return rabbitmq!
    }
    t.match(await examined(), { state: 'well', text: `127.0.0.1:${broker.port} · user trove, vhost trove: may configure, write, read` })
    await broker.control('clear_permissions', '-p', 'trove', 'trove')
    const refused = await examined()
    t.match(refused, { state: 'fault', findings: [{ id: 'G3' }] })
    const typed = refused.findings[0]!.mend.map(({ run }) => run!)
    t.same(typed, ["rabbitmqctl set_permissions -p trove trove '.*' '.*' '.*'"])
    await broker.control(...typed[0]!.split(' ').slice(1).map((word) => word.replaceAll("'", '')))
    t.match(await examined(), { state: 'well' })
  })

  await t.test('an alarm, with which RabbitMQ reads no further, is told from silence', async (t) => {
    await broker.control('set_vm_memory_high_watermark', 'absolute', '1MB')
    t.match(await askAsGuest(access(), 1500), { fault: { code: 'AMQP_BLOCKED' } })
  })
})
