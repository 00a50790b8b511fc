import { stat, readFile } from 'node:fs/promises'
import t from 'tap'
import { OsloConfig } from '../../contract/oslo-config.ts'
import { Secret } from '../../contract/secret.ts'
import { parseTransportUrl } from '../../contract/transport-url.ts'
import { startControlPlane } from '../../lab/control-plane.ts'
import { queueConsumers } from '../../lab/queue-consumers.ts'
import { until } from '../../lab/until.ts'
import { userData } from '../../lab/user-data.ts'

t.test('a real control plane: RabbitMQ, trove-conductor, an instance and its prepare', async (t) => {
  await using plane = await startControlPlane(t.testdir(), () => {})
  t.match(plane.versions, { rabbitmq: /^3\.\d+\.\d+$/, trove: /^18\.0\.0/ })

  await t.test('an operator finds the usual files, closed to others, with the broker as guests see it', async (t) => {
    for (const file of Object.values(plane.files)) t.equal((await stat(file)).mode & 0o777, 0o600, file)
    const served = OsloConfig.parse(await readFile(plane.files.guestAgentConf, 'utf8'), 'trove-guestagent.conf')
    const { hosts, vhost } = parseTransportUrl(served.get('DEFAULT', 'transport_url')!)
    t.match(hosts, [{ host: '10.0.2.2', port: plane.broker.port, user: 'trove' }])
    t.equal(vhost, 'trove')
  })

  const instance = await plane.createInstance('db-1')
  await t.test('a new instance has the status that trove-api writes', async (t) => {
    t.match(await instance.status(), { status: 'new', statusId: 0x17 })
    t.equal(await instance.consumers(), undefined, 'and no queue')
  })

  await t.test('the injected files and the user data are Trove’s own', async (t) => {
    t.same(instance.injected.map(({ path }) => path), ['/etc/trove/conf.d/guest_info.conf', '/etc/trove/conf.d/trove-guestagent.conf', '/etc/trove/controller.conf'])
    const info = OsloConfig.parse(instance.guestInfo.content, 'guest_info.conf')
    t.equal(info.get('DEFAULT', 'guest_id'), instance.id)
    t.match(info.get('DEFAULT', 'instance_rpc_encr_key'), /^\w{32}$/)
    t.equal(userData(instance.injected), instance.userData, 'ours, byte for byte')
  })

  await t.test('prepare waits for the agent in its queue', async (t) => {
    await instance.prepare()
    t.equal(await instance.consumers(), 0)
  })

  await t.test('waiting for a status ends with the one that was seen', async (t) => {
    await t.rejects(instance.waitForStatus('healthy', 10), { message: `expected the status healthy of instance ${instance.id}, got new: waited 0 s for instance ${instance.id} to be healthy` })
  })

  await t.test('the broker keeps its users and its port over a restart, and the conductor comes back by itself', async (t) => {
    const changed = Secret.random()
    await plane.broker.setPassword(changed)
    await plane.broker.stop()
    t.equal(plane.broker.running, false)
    await t.rejects(plane.broker.consumers('trove-conductor'), { code: 'ECONNREFUSED' })
    await plane.broker.start()
    t.equal(await queueConsumers(plane.broker.url('127.0.0.1'), 'no-such-queue'), undefined, 'the changed password opens it')
    await plane.broker.setPassword(original(plane.files.troveConf, await readFile(plane.files.troveConf, 'utf8')))
    await until('the conductor to be back', async () => (await plane.broker.consumers('trove-conductor')) || undefined, { timeoutMs: 60_000 })
  })
})

function original(name: string, troveConf: string): Secret {
  return parseTransportUrl(OsloConfig.parse(troveConf, name).get('DEFAULT', 'transport_url')!).hosts[0]!.password
}
