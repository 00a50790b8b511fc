import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { greet } from '../../../instances/greeting/greet.ts'
import { greetInstance } from '../../../instances/greeting/greet-instance.ts'
import { mysql } from '../../../instances/greeting/mysql.ts'
import { postgresql } from '../../../instances/greeting/postgresql.ts'
import { protocolOf } from '../../../instances/greeting/protocol-of.ts'
import { startMariadb } from './mariadb.ts'

const HERE = '127.0.0.1'

async function speaks(t: Test, says: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    says(socket)
  }).listen(0, HERE)
  t.teardown(() => server.close())
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

t.test("a real MariaDB greets with its version; who asks it for PostgreSQL hears that it is something else", async (t) => {
  const { port } = await startMariadb(t)
  t.match(await greet(HERE, mysql, 5_000, port), { address: HERE, port, greeting: { product: /^MariaDB \d+\.\d+\.\d+$/ } })
  t.match(await greet(HERE, postgresql, 5_000, port), { reachable: true, why: 'what answers speaks something else' })
})

t.test('a port without a database is not taken for one', async (t) => {
  const silent = await speaks(t, () => {})
  t.match(await greet(HERE, mysql, 200, silent), { reachable: true, why: 'it says nothing within 0.2 s' })
  const closes = await speaks(t, (socket) => socket.destroy())
  t.match(await greet(HERE, mysql, 2_000, closes), { reachable: true, why: 'it closes the connection' })
  const endless = await speaks(t, (socket) => socket.write(Buffer.alloc(40_000, 65)))
  t.match(await greet(HERE, mysql, 2_000, endless), { reachable: true, why: 'what answers speaks something else' })
  t.match(await greet(HERE, mysql, 2_000, 1), { reachable: true, why: 'connection refused' })
})

t.test('an address to which no way leads from here says nothing of the database', async (t) => {
  // Linux opens no TCP connection to a multicast address, and sends nothing.
  t.match(await greet('224.0.0.1', mysql, 500), { address: '224.0.0.1', port: 3306, reachable: false })
})

t.test('the database of an instance may greet a moment after the instance is ready, at any of its addresses', async (t) => {
  let asked = 0
  const port = await speaks(t, (socket) => (++asked < 2 ? socket.destroy() : socket.end(Buffer.from('090000000a352e372e32390000', 'hex'))))
  const met = await greetInstance([HERE, '224.0.0.1'], { ...mysql, port }, Date.now() + 10_000, new AbortController().signal)
  t.match(met, [{ address: HERE, greeting: { product: 'MySQL 5.7.29' } }])
  t.equal(met.length, 1)
})

t.test('where no address can be reached nobody waits', async (t) => {
  const met = await greetInstance(['224.0.0.1'], mysql, Date.now() + 60_000, new AbortController().signal)
  t.match(met, [{ reachable: false }])
})

t.test('the protocol is known by the name of the datastore', async (t) => {
  for (const name of ['mysql', 'MySQL', 'mariadb', 'mysql-8', 'percona']) t.equal(protocolOf(name), mysql, name)
  for (const name of ['postgresql', 'postgres15']) t.equal(protocolOf(name), postgresql, name)
  for (const name of ['redis', 'mongodb', '', 'constructor']) t.equal(protocolOf(name), undefined, name)
})
