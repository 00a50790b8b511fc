import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Secret } from '../../../contract/secret.ts'
import { brokerCollector } from '../../../diagnosis/collect/broker.ts'
import { at, listening } from './broker/listening.ts'
import { look } from './context.ts'

const NO_CTL = { ctl: { command: ['/no/such/rabbitmqctl'] } }

t.test('a port that refuses, one that is silent and one that speaks something else have each their code', async (t) => {
  const silent = await listening(t, () => {})
  const http = await listening(t, (socket) => void socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')))
  const closed = await listening(t, () => {})
  const port = closed.port
  await new Promise((done) => closed.server.close(done))
  const began = performance.now()
  const codes = await Promise.all([port, silent.port, http.port].map(async (port) => (await look(brokerCollector({ ...NO_CTL, ...at(port) }))).seen.fault?.code))
  t.same(codes, ['AMQP_REFUSED', 'AMQP_SILENT', 'AMQP_NOT_AMQP'])
  t.ok(performance.now() - began < 3900, 'all within the deadline')
})

t.test('what could not be reached is still named, without its password', async (t) => {
  const { port, server } = await listening(t, () => {})
  await new Promise((done) => server.close(done))
  const { seen, partly } = await look(brokerCollector({ ...NO_CTL, ...at(port), exchange: 'trove' }))
  t.same(seen, {
    ...{ host: '127.0.0.1', port, vhost: 'trove', user: 'trove', tls: false },
    fault: { code: 'AMQP_REFUSED', message: `connection refused: 127.0.0.1:${port}` },
    queues: {},
    exchanges: {},
  })
  t.same(partly, ['rabbitmqctl: not installed on this host'])
})

t.test('a URL that cannot be read is a failure that does not quote it', async (t) => {
  const broken = brokerCollector({ ...NO_CTL, transportUrl: new Secret('rabbit://trove:hunter2#x@10.0.0.1/') })
  await t.rejects(look(broken), { name: 'CannotSee', message: /^transport_url of trove.conf cannot be read: (?!.*hunter2)/ })
  await t.rejects(look(brokerCollector({ ...NO_CTL, transportUrl: new Secret('kafka://h/') })), { name: 'CannotSee' })
})

t.test('a rabbitmqctl that fails, talks nonsense or never ends is said in a few words', async (t) => {
  const dir = t.testdir()
  const { port } = await listening(t, (socket) => socket.end())
  const why = async (script: string) => {
    const command = join(dir, 'ctl')
    writeFileSync(command, `#!/bin/sh\n${script}\n`)
    chmodSync(command, 0o755)
    return (await look(brokerCollector({ ...at(port), ctl: { command: [command] } }))).partly
  }
  t.same(await why('echo Only root or rabbitmq can run rabbitmqctl >&2; exit 1'), ['rabbitmqctl: Only root or rabbitmq can run rabbitmqctl'])
  t.same(await why('echo nonsense'), ['rabbitmqctl: expected JSON, got "nonsense\\n"'])
  t.same(await why('exec sleep 30'), ['rabbitmqctl: no answer in time'])
})
