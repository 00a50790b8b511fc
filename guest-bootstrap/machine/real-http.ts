import { Agent, request as secure, type RequestOptions } from 'node:https'
import type { HttpAnswer, HttpRequest } from '../system.ts'

// An ESM import of node:http evaluates its WebSocket getter, and with it all of undici: a tenth of the whole CPU time of a bring-up.
const plain: typeof secure = (...args: unknown[]) => (process.getBuiltinModule('node:http').request as (...args: unknown[]) => ReturnType<typeof secure>)(...args)

// One connection is kept and used again: a TLS handshake is what costs most where the CPU is emulated.
const agents = new Map<string, Agent>()

/**
 * Node's own https: got costs 0.9 s more of CPU time at import and 15 MiB under emulation, of the 3 s that the whole bring-up may take,
 * and of what it adds only time limits are wanted here; retries are the engine's.
 */
export function realHttp(request: HttpRequest): Promise<HttpAnswer> {
  const body = request.json === undefined ? undefined : Buffer.from(JSON.stringify(request.json))
  const options: RequestOptions = {
    method: request.method ?? 'GET',
    headers: {
      accept: 'application/json, */*;q=0.1',
      ...(body ? { 'content-type': 'application/json', 'content-length': body.length } : {}),
      ...(request.bearer ? { authorization: `Bearer ${request.bearer.reveal()}` } : {}),
      ...request.headers,
    },
    timeout: request.timeout,
  }
  const isSecure = request.url.startsWith('https:')
  if (isSecure) options.agent = agentFor(request.ca)
  return new Promise((resolve, reject) => {
    const going = (isSecure ? secure : plain)(request.url, options, (answer) => {
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers as HttpAnswer['headers'], body: answer })
    })
    going.on('timeout', () => going.destroy(Object.assign(new Error(`no answer within ${request.timeout} ms`), { code: 'ETIMEDOUT' })))
    going.on('error', reject)
    going.end(body)
  })
}

/** Ends the connections that are kept, so that nothing holds the process. */
export function closeConnections(): void {
  for (const agent of agents.values()) agent.destroy()
  agents.clear()
}

function agentFor(ca: string | undefined): Agent {
  const key = ca ?? ''
  const known = agents.get(key)
  if (known) return known
  const agent = new Agent({ ...(ca === undefined ? {} : { ca }), minVersion: 'TLSv1.3', keepAlive: true, maxSockets: 2 })
  agents.set(key, agent)
  return agent
}
