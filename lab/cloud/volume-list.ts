import { once } from 'node:events'
import { createServer } from 'node:http'
import { HOST } from './network.ts'
import { PORTS } from './ports.ts'

const ANSWER = JSON.stringify({
  volumes: [],
  versions: [{ id: 'v3.0', status: 'CURRENT', version: '3.60', min_version: '3.0', links: [{ rel: 'self', href: `http://${HOST}:${PORTS.volumes}/v3/` }] }],
})

/** Stands for Cinder, which Trove asks for an instance's volumes when it deletes it: there are none. */
export async function startVolumeList(): Promise<AsyncDisposable> {
  const server = createServer((_request, response) => response.writeHead(200, { 'content-type': 'application/json', connection: 'close' }).end(ANSWER))
  server.listen(PORTS.volumes, HOST)
  await once(server, 'listening')
  return { [Symbol.asyncDispose]: async () => void server.close() }
}
