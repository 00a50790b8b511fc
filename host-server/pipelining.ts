import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Ends a connection that asks on and on without waiting for answers. Nothing of ours does, and neither do pip and curl; but Node takes all
 * questions of a packet at once, each with the memory of a request: megabytes for a client that has sent 64 KB and reads nothing. So this
 * stands before everything else that sees a request, and in the same turn.
 * @param most questions of one connection that may be open
 */
export function endPipelining(server: Server, most: number): void {
  const open = new WeakMap<Socket, number>()
  const handlers = server.listeners('request')
  server.removeAllListeners('request')
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request
    if (socket.destroyed) return
    const now = (open.get(socket) ?? 0) + 1
    if (now > most) {
      socket.destroy()
      return
    }
    open.set(socket, now)
    response.once('close', () => open.set(socket, open.get(socket)! - 1))
    for (const handle of handlers) handle.call(server, request, response)
  })
}
