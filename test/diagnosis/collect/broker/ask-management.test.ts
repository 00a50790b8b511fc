import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { Secret } from '../../../../contract/secret.ts'
import { askManagement } from '../../../../diagnosis/collect/broker/ask-management.ts'

const QUEUES = ['guestagent.one', 'trove-conductor', 'taskmanager']
const ANSWERS: Readonly<Record<string, unknown>> = {
  '/api/vhosts': [{ name: '/' }, { name: 'trove' }],
  '/api/users': [{ name: 'trove' }],
  '/api/permissions': [{ user: 'trove', vhost: 'trove', configure: '.*', write: '.*', read: '^$' }],
  '/api/nodes': [{ mem_alarm: true, disk_free_alarm: false }],
  '/api/connections': [{ user: 'trove', vhost: 'trove', peer_host: '10.0.2.15', state: 'blocked', client_properties: { connection_name: 'agent' } }, {}],
  '/api/queues/trove/guestagent.one': { vhost: 'trove', name: 'guestagent.one', messages: 1, consumers: 0, durable: true, type: 'quorum', state: 'running', memory: 5 },
  '/api/queues/trove/taskmanager': { vhost: 'trove', name: 'taskmanager' },
  '/api/queues/trove/guestagent.one/bindings': [{ source: 'openstack', destination: 'guestagent.one', routing_key: 'guestagent.one', vhost: 'trove' }],
}

t.test('the management API tells the same as rabbitmqctl', async (t) => {
  const { queues, seen } = await askManagement(QUEUES, await managementOf(t, 'administrator'), AbortSignal.timeout(5000))
  t.same(queues, [
    { vhost: 'trove', name: 'guestagent.one', messages: 1, consumers: 0, durable: true, type: 'quorum', state: 'running' },
    { vhost: 'trove', name: 'taskmanager', messages: 0, consumers: 0 },
  ])
  t.same(seen, {
    from: 'management',
    vhosts: ['/', 'trove'],
    users: ['trove'],
    permissions: [{ user: 'trove', vhost: 'trove', configure: '.*', write: '.*', read: '^$' }],
    alarms: ['memory'],
    connections: [
      { user: 'trove', vhost: 'trove', peer: '10.0.2.15', state: 'blocked', name: 'agent' },
      { user: '', vhost: '', peer: '', state: '' },
    ],
    bindings: [{ source: 'openstack', destination: 'guestagent.one', key: 'guestagent.one' }],
    everywhere: [{ vhost: 'trove', messages: 1, consumers: 0 }],
  })
})

t.test('a user who may not see all sees nothing, and is told why', async (t) => {
  const signal = AbortSignal.timeout(5000)
  const monitoring = await managementOf(t, 'monitoring')
  await t.rejects(askManagement(QUEUES, monitoring, signal), { name: 'NotInside', message: `management API at ${monitoring.url}: the user lacks the tag administrator` })
  await t.rejects(askManagement(QUEUES, { ...monitoring, password: new Secret('wrong') }, signal), { message: /: it refuses the user or the password$/ })
  await t.rejects(askManagement(QUEUES, { ...monitoring, url: 'http://127.0.0.1:1' }, signal), { message: 'management API at http://127.0.0.1:1: connection refused' })
})

async function managementOf(t: Test, tag: string): Promise<{ url: string; user: string; password: Secret }> {
  const server = createServer(({ headers, url }, answer) => {
    const path = url!.split('?')[0]!
    if (headers.authorization !== `Basic ${Buffer.from('trove:secret').toString('base64')}`) answer.statusCode = 401
    else if (path === '/api/users' && tag !== 'administrator') answer.statusCode = 403
    else if (ANSWERS[path] === undefined) answer.statusCode = 404
    answer.end(JSON.stringify(answer.statusCode === 200 ? ANSWERS[path] : { error: 'no' }))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  t.teardown(() => server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, user: 'trove', password: new Secret('secret') }
}
