import { createServer, type Socket } from 'node:net'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { framesOf, methodOf } from '../../amqp/opening-frames.ts'

const START_OK = 0x000a000b

/** As much of a RabbitMQ as it takes to be told a password, and then to hang up with words that repeat it. */
export async function startTellTale(): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    let seen: Buffer = Buffer.alloc(0)
    socket.once('data', (opening) => {
      socket.write(frame(0x000a000a, [Buffer.from([0, 9]), long(''), long('PLAIN AMQPLAIN'), long('en_US')]))
      seen = Buffer.from(opening.subarray(8))
      socket.on('data', (bytes) => {
        seen = Buffer.concat([seen, bytes])
        for (const payload of framesOf(seen).frames) if (methodOf(payload) === START_OK) hangUp(socket, payload)
      })
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.close()
      await once(server, 'close')
    },
  }
}

/** connection.close: 541 INTERNAL_ERROR with what came in as its words. */
function hangUp(socket: Socket, startOk: Buffer): void {
  const words = Buffer.from(`INTERNAL_ERROR - ${startOk.toString('latin1').replace(/[^\x20-\x7e]/g, ' ').slice(-150)}`)
  socket.end(frame(0x000a0032, [Buffer.from([0x02, 0x1d, words.length]), words, Buffer.alloc(4)]))
}

function frame(method: number, fields: readonly Buffer[]): Buffer {
  const payload = Buffer.concat(fields)
  const head = Buffer.alloc(11)
  head[0] = 1
  head.writeUInt32BE(4 + payload.length, 3)
  head.writeUInt32BE(method, 7)
  return Buffer.concat([head, payload, Buffer.from([0xce])])
}

function long(text: string): Buffer {
  const size = Buffer.alloc(4)
  size.writeUInt32BE(text.length)
  return Buffer.concat([size, Buffer.from(text)])
}
