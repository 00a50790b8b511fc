import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { logIn } from '../../../amqp/log-in.ts'
import type { AmqpTarget } from '../../../amqp/target.ts'
import { Secret } from '../../../contract/secret.ts'
import { brokerTargets } from '../../../instances/left-over/broker-targets.ts'
import { leftInRabbitmq } from '../../../instances/left-over/in-rabbitmq.ts'
import { startBroker } from '../../../lab/broker.ts'
import { patience } from '../../openstack/stand-in-cloud.ts'

const ID = '3f744523-437f-442a-929b-c7274d737d60'
const QUEUE = `guestagent.${ID}`
const runs = async () => true
const gone = async () => false

// A real RabbitMQ: what it answers to a queue that is in use is not to be guessed.
const folder = await mkdtemp(join(tmpdir(), 'left-over-'))
const broker = await startBroker(folder)
const targets = brokerTargets(broker.controlUrl('127.0.0.1'), undefined) as AmqpTarget[]
const model = await logIn(targets[0]!)
const channel = await model.createChannel()
t.teardown(async () => {
  await model.close()
  await broker[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

t.test('where an instance never had a queue nothing is found, and none is made by looking', async (t) => {
  t.same(await leftInRabbitmq(targets, ID, runs)(patience()), [])
  t.equal(await broker.consumers(QUEUE), undefined)
})

t.test('the queues of an instance are found with what waits in them, and removed; another instance keeps its own', async (t) => {
  const other = 'guestagent.99999999-437f-442a-929b-c7274d737d60'
  for (const queue of [QUEUE, `${QUEUE}.${ID}`, other]) await channel.assertQueue(queue, { durable: false })
  channel.sendToQueue(QUEUE, Buffer.from('prepare'))
  await channel.checkQueue(QUEUE)
  const left = await leftInRabbitmq(targets, ID, runs)(patience())
  t.match(left, [
    { what: `queue ${QUEUE} (1 message, no consumer)`, command: `rabbitmqctl -p trove delete_queue ${QUEUE}` },
    { what: `queue ${QUEUE}.${ID} (0 messages, no consumer)` },
  ])
  for (const one of left) await one.remove(patience())
  t.same(await leftInRabbitmq(targets, ID, runs)(patience()), [])
  t.equal(await broker.consumers(other), 0)
  await left[0]!.remove(patience())
  t.pass('a queue that went away meanwhile is no failure')
})

t.test('a queue that an agent still listens to stays', async (t) => {
  await channel.assertQueue(QUEUE, { durable: false })
  const { consumerTag } = await channel.consume(QUEUE, () => {})
  const [left] = await leftInRabbitmq(targets, ID, runs, 100)(patience())
  t.match(left, { what: `queue ${QUEUE} (0 messages, an agent still listens)` })
  await t.rejects(left!.remove(patience()), { message: 'an agent still listens: its server runs' })
  t.equal(await broker.consumers(QUEUE), 1)
  await channel.cancel(consumerTag)
  await channel.deleteQueue(QUEUE)
})

t.test('a queue goes once the connection of an agent whose server was cut off is given up', async (t) => {
  await channel.assertQueue(QUEUE, { durable: false })
  const { consumerTag } = await channel.consume(QUEUE, () => {})
  const [left] = await leftInRabbitmq(targets, ID, runs, 30_000)(patience())
  setTimeout(() => void channel.cancel(consumerTag), 1_000)
  await left!.remove(patience())
  t.equal(await broker.consumers(QUEUE), undefined)
})

t.test('where Nova has no server of the instance, nobody is waited for', async (t) => {
  await channel.assertQueue(QUEUE, { durable: false })
  await channel.consume(QUEUE, () => {})
  const [left] = await leftInRabbitmq(targets, ID, gone)(patience())
  await left!.remove(patience())
  t.equal(await broker.consumers(QUEUE), undefined)
})

t.test('a broker that refuses us is said with the code that a guest would give', async (t) => {
  const wrong = targets.map((target) => ({ ...target, password: new Secret('no') }))
  await t.rejects(leftInRabbitmq(wrong, ID, runs)(patience()), { code: 'AMQP_LOGIN_REFUSED' })
  const elsewhere = { ...targets[0]!, port: 1 }
  t.same(await leftInRabbitmq([elsewhere, ...targets], ID, runs)(patience()), [], 'the next host of the URL is asked')
})

t.test('a URL that is none is a reason, without its password', async (t) => {
  const reason = brokerTargets(new Secret('rabbit://trove:hunter2#x@10.0.0.1/'), undefined)
  t.match(reason, /^transport_url of trove\.conf cannot be read/)
  t.notMatch(reason, 'hunter2')
  t.equal(brokerTargets(new Secret('kafka://h/'), undefined), 'expected RabbitMQ in transport_url of trove.conf, got kafka')
})
