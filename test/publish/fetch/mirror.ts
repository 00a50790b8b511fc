// A mirror of images: a real HTTP server of this process that can do what mirrors do on bad days.
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

export interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
}

export interface Mirror {
  readonly url: string
  readonly asked: Asked[]
  /** By path; what is not there is 404. */
  readonly files: Map<string, Buffer>
  /** The connection is cut after so many bytes of the next answers, one each. */
  readonly cuts: number[]
  /** Without them a transfer cannot be gone on with. */
  validators: boolean
}

export async function mirror(t: Test): Promise<Mirror> {
  const asked: Asked[] = []
  const files = new Map<string, Buffer>()
  const cuts: number[] = []
  const state: Mirror = { url: '', asked, files, cuts, validators: true }
  const server = createServer((request, response) => {
    asked.push({ method: request.method!, path: request.url!, headers: request.headers })
    const file = files.get(request.url!)
    if (file === undefined) return void response.writeHead(404, { 'content-type': 'text/html' }).end('<html>no such file</html>')
    answer(request, response, file, state)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return Object.assign(state, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
}

function answer(request: IncomingMessage, response: ServerResponse, file: Buffer, { cuts, validators }: Mirror): void {
  const etag = `"${createHash('md5').update(file).digest('hex')}"`
  const [, from] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? []
  const goesOn = from !== undefined && request.headers['if-range'] === etag
  const begin = goesOn ? Number(from) : 0
  if (begin >= file.length && file.length > 0) return void response.writeHead(416).end()
  response.writeHead(goesOn ? 206 : 200, {
    'content-type': request.url!.endsWith('.html') ? 'text/html' : 'application/octet-stream',
    'content-length': file.length - begin,
    ...(validators ? { etag } : {}),
    ...(goesOn ? { 'content-range': `bytes ${begin}-${file.length - 1}/${file.length}` } : {}),
  })
  if (request.method === 'HEAD') return void response.end()
  const cut = cuts.shift()
  if (cut === undefined) return void response.end(file.subarray(begin))
  response.write(file.subarray(begin, begin + cut), () => setImmediate(() => response.destroy()))
}

export function sha256(file: Buffer): string {
  return createHash('sha256').update(file).digest('hex')
}
