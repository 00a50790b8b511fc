import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { PLANTED } from './planted.ts'

/** An OpenStack that lets everybody in, and then repeats in its errors whatever secret it was told: some proxies do. */
export async function startKeystone(): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer((request, response) => {
    const body: Buffer[] = []
    request.on('data', (piece: Buffer) => body.push(piece)).on('end', () => {
      const json = (status: number, value: object): void => void response.writeHead(status, { 'content-type': 'application/json', 'x-subject-token': PLANTED.keystoneToken }).end(JSON.stringify(value))
      if (request.url === '/identity/v3/auth/tokens') return json(201, tokenAnswer(port))
      json(403, { forbidden: { code: 403, message: `no role for token ${request.headers['x-auth-token']}, ${PLANTED.keystone} ${Buffer.concat(body).toString()}` } })
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function tokenAnswer(port: number): object {
  const service = (type: string, name: string): object => ({ type, name, id: name, endpoints: [{ id: name, interface: 'public', region_id: 'R', region: 'R', url: `http://127.0.0.1:${port}/${name}/v2.1` }] })
  return {
    token: {
      user: { id: 'u', name: 'admin', domain: { id: 'default', name: 'Default' } },
      project: { id: 'p', name: 'admin', domain: { id: 'default', name: 'Default' } },
      expires_at: '2100-01-01T00:00:00.000000Z',
      issued_at: '2026-01-01T00:00:00.000000Z',
      roles: [{ id: 'r', name: 'admin' }],
      catalog: [service('database', 'trove'), service('compute', 'nova'), service('network', 'neutron')],
    },
  }
}
