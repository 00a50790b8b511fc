import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import type { Test } from 'tap'
import { until } from '../../lab/until.ts'
import type { Host } from './host-of.ts'

/** A POST whose headers and first bytes have come to a host that listens for it. @returns what sends the rest */
export async function halfSent(t: Test, host: Host, path: string, credential: string, body: object): Promise<{ finish(): Promise<{ status: number; body: unknown }> }> {
  let began = 0
  host.app.server.on('request', () => began++)
  await host.app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = host.app.server.address() as AddressInfo
  const text = JSON.stringify(body)
  const asked = request({ host: '127.0.0.1', port, path, method: 'POST', headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json', 'content-length': text.length } })
  asked.write(text.slice(0, 5))
  await until('the request', () => (began > 0 ? true : undefined), { timeoutMs: 10_000, everyMs: 5 })
  // The door is a few turns of the event loop behind it.
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
  t.teardown(() => asked.destroy())
  return {
    async finish() {
      asked.end(text.slice(5))
      const [answer] = (await once(asked, 'response')) as [IncomingMessage]
      const parsed = answer.statusCode === 204 ? undefined : await json(answer)
      return { status: answer.statusCode!, body: parsed }
    },
  }
}
