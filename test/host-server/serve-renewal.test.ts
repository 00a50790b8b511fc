// A renewed certificate in a real host-server: `trovestrap init --renew`, then SIGHUP, as an operator types it.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import https from 'node:https'
import type { IncomingMessage } from 'node:http'
import { connect, type TLSSocket } from 'node:tls'
import t from 'tap'
import { address, ROUTES } from '../../contract/routes.ts'
import { until } from '../../lab/until.ts'
import { packOf } from './pack-of.ts'
import { realHost, type Guest, type RealHost } from './real-host.ts'

const TRANSFERS = 8
/** More than the kernel and both ends of TLS buffer, so that a transfer nobody reads is in its middle. */
const BALLAST = 16 * 1024 * 1024

t.test('a certificate that is renewed in the middle of transfers cuts none of them, and new connections see the new one', async (t) => {
  await using host = await realHost({ ballast: BALLAST })
  const guests = host.enrol(TRANSFERS)
  const served = await host.start()
  const pack = await packOf(host, guests[0]!)
  const before = await certificateOf(host)
  const transfers = await Promise.all(guests.map((guest) => begun(host, guest, pack)))
  const beforeRead = transfers.map(({ socket }) => (socket as TLSSocket).bytesRead)

  t.equal((await host.run('init', '--renew')).status, 0)
  process.kill(served.pid, 'SIGHUP')
  await until('the reload', () => (served.log().includes('"reloaded"') ? true : undefined), { timeoutMs: 60_000, everyMs: 20 })
  t.not(await certificateOf(host), before)

  const digests = await Promise.all(transfers.map(digestOf))
  t.ok(beforeRead.every((bytes) => bytes < BALLAST / 2), 'they were in their middle')
  t.same(digests, Array(TRANSFERS).fill(pack))
})

/** A download of which the first bytes have come, and that nobody reads further yet. */
async function begun(host: RealHost, { credential }: Guest, pack: string): Promise<IncomingMessage> {
  const request = https.get({ host: '127.0.0.1', port: host.port, path: address(ROUTES.content, pack), ca: host.ca, agent: false, headers: { authorization: `Bearer ${credential}` } })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  await once(response, 'readable')
  return response
}

async function digestOf(response: IncomingMessage): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of response) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

async function certificateOf(host: RealHost): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port: host.port, ca: host.ca })
  await once(socket, 'secureConnect')
  const { fingerprint256 } = socket.getPeerCertificate()
  socket.destroy()
  return fingerprint256
}
