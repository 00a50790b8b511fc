import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { startRelay, type Link } from '../test/torture/relay.ts'
import { median } from './statistics.ts'

const TIMES = 21

/** Milliseconds from a byte that is sent over a link to the answer to it, the median of some: timers and the relay itself add to what the link is to take. */
export async function roundTrip(link?: Link): Promise<number> {
  const echo = createServer({ noDelay: true }, (socket) => socket.pipe(socket))
  echo.listen(0, '127.0.0.1')
  await once(echo, 'listening')
  const { port } = echo.address() as AddressInfo
  await using relay = link === undefined ? undefined : await startRelay({ port }, link)
  const socket = connect({ host: '127.0.0.1', port: relay?.port ?? port, noDelay: true })
  await once(socket, 'connect')
  const all: number[] = []
  for (let time = 0; time < TIMES; time++) {
    const began = performance.now()
    socket.write('?')
    await once(socket, 'data')
    all.push(performance.now() - began)
  }
  socket.destroy()
  echo.close()
  return median(all)
}
