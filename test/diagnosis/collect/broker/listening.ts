import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import type { Test } from 'tap'
import { Secret } from '../../../../contract/secret.ts'

/** A broker that is told nothing. */
export function at(port: number): { transportUrl: Secret } {
  return { transportUrl: new Secret(`rabbit://trove:not-told@127.0.0.1:${port}/trove`) }
}

/** Something on a port of its own, gone after the test. */
export async function listening(t: Test, onSocket: (socket: Socket) => void): Promise<{ port: number; server: Server }> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    onSocket(socket)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, server }
}
