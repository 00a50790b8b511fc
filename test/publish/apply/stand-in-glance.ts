// Glance as an HTTP server of this process: keeps records and data in memory, and can go wrong where the real one does.
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import type { ImageRecord } from '../../../openstack/glance/image-records.ts'
import type { Cloud } from '../../../openstack/cloud.ts'
import { standInCloud } from '../../openstack/stand-in-cloud.ts'

export interface StandInGlance {
  readonly cloud: Cloud
  readonly records: Map<string, ImageRecord>
  /** `PUT /images/1/file` and the like, in their order. */
  readonly asked: string[]
  /** Of the next uploads, one each: a status to refuse with, `cut` to close the connection, `damage` to keep something else. */
  readonly faults: (number | 'cut' | 'damage')[]
}

export async function standInGlance(t: Test): Promise<StandInGlance> {
  const records = new Map<string, ImageRecord>()
  const asked: string[] = []
  const faults: StandInGlance['faults'] = []
  let made = 0
  const server = createServer(async (request, response) => {
    const [, , id = '', what] = request.url!.replace('/v2', '').split('/')
    asked.push(`${request.method} ${request.url!.replace('/v2', '')}`)
    const fault = what === 'file' ? faults.shift() : undefined
    if (fault === 'cut') return void request.once('data', () => request.socket.destroy())
    const body = await received(request)
    const answer = (status: number, value?: unknown) => void response.writeHead(status, { 'content-type': 'application/json' }).end(value === undefined ? '' : JSON.stringify(value))
    if (typeof fault === 'number') return answer(fault, { message: 'refused<br /><br />' })
    const record = records.get(id)
    switch (`${request.method} ${what ?? ''}`) {
      case 'POST ': {
        const record = { tags: [], created_at: 'now', updated_at: 'now', ...(JSON.parse(body.toString()) as object), id: `i${++made}`, status: 'queued' } as unknown as ImageRecord
        records.set(record.id, record)
        return answer(201, record)
      }
      case 'PUT file': {
        const data = fault === 'damage' ? body.subarray(1) : body
        records.set(id, { ...record!, status: 'active', os_hash_algo: 'sha512', os_hash_value: createHash('sha512').update(data).digest('hex') })
        return answer(204)
      }
      case 'PATCH ':
        records.set(id, (JSON.parse(body.toString()) as { path: string; value: unknown }[]).reduce((changed, { path, value }) => ({ ...changed, [path.slice(1)]: value }), record!))
        return answer(200, records.get(id))
      case 'POST actions':
        records.set(id, { ...record!, status: request.url!.endsWith('deactivate') ? 'deactivated' : 'active' })
        return answer(204)
      case 'DELETE ':
        return answer(records.delete(id) ? 204 : 404)
      default:
        return record === undefined ? answer(404) : answer(200, record)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { cloud } = await standInCloud(t, {}, { settings: { endpoints: { image: url } } })
  return { cloud, records, asked, faults }
}

async function received(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece)
  return Buffer.concat(pieces)
}
