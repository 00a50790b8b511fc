import { once } from 'node:events'
import type { Server } from 'node:http'
import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { Connections } from '../../host-server/connections.ts'

/** A server that lets four in, two of one caller. */
async function door(t: Test) {
  const server = createServer()
  const connections = new Connections({ inAll: 4, ofOne: 2 })
  connections.watch(server as unknown as Server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const clients: Socket[] = []
  t.teardown(() => {
    for (const client of clients) client.destroy()
    server.close()
  })
  const gone: string[] = []
  /** @returns the server's end */
  const come = async (name: string, localAddress = '127.0.0.2'): Promise<Socket> => {
    const accepted = once(server, 'connection')
    const client = createConnection({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, localAddress })
    clients.push(client.resume().on('error', () => {}))
    client.once('close', () => gone.push(name))
    const [socket] = (await accepted) as [Socket]
    return socket.on('error', () => {})
  }
  /** Who had to go; asked once as many have gone as should. */
  const left = async (count: number): Promise<string[]> => {
    while (gone.length < count) await new Promise((resolve) => setImmediate(resolve))
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
    return gone
  }
  return { connections, come, left }
}

t.test('the oldest stranger of the address with most of them goes, and each newcomer is taken', async (t) => {
  const { come, left } = await door(t)
  await come('other', '127.0.0.3')
  for (const name of ['one', 'two', 'three', 'four', 'five']) await come(name)
  t.same(await left(2), ['one', 'two'])
})

t.test('whose credential was accepted stays, behind whatever address', async (t) => {
  const { connections, come, left } = await door(t)
  connections.vouch(await come('guest'), 'instance')
  for (let number = 1; number <= 7; number++) await come(`stranger ${number}`)
  t.same(await left(4), [1, 2, 3, 4].map((number) => `stranger ${number}`))
})

t.test('a caller keeps the connections that it used last, so many', async (t) => {
  const { connections, come, left } = await door(t)
  const [a, b] = [await come('a'), await come('b')]
  for (const socket of [a, b, a]) connections.vouch(socket, 'instance')
  connections.vouch(await come('c'), 'instance')
  t.same(await left(1), ['b'])
})

t.test('where all have credentials, the caller with most connections makes room', async (t) => {
  const { connections, come, left } = await door(t)
  connections.vouch(await come('one of one'), 'first')
  for (const name of ['one of two', 'two of two']) connections.vouch(await come(name), 'second')
  connections.vouch(await come('one of three'), 'third')
  await come('newcomer')
  t.same(await left(1), ['one of two'])
})

t.test('a connection that has ended counts no more', async (t) => {
  const { connections, come, left } = await door(t)
  for (let number = 1; number <= 6; number++) {
    const socket = await come(`${number}`, number % 2 === 0 ? '127.0.0.2' : '127.0.0.3')
    connections.vouch(socket, `instance ${number}`)
    if (number <= 2) {
      socket.destroy()
      await left(number)
    }
  }
  t.same(await left(2), ['1', '2'])
})
