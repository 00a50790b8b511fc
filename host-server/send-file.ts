import { open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { answerUnchanged } from './etag.ts'
import { Refused } from './refused.ts'

/**
 * Streams a file that never changes under its address; a single Range is honoured, so that a download can go on where it broke off.
 * @throws Refused 404 when the file is gone, 416 when the range begins behind its end
 */
export async function sendFile(request: FastifyRequest, reply: FastifyReply, path: string, etag: string, type: string): Promise<FastifyReply> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new Refused(404, 'NOT_FOUND', 'there is nothing at this address')
    throw error
  })
  try {
    const { size } = await file.stat()
    reply.header('cache-control', 'private, max-age=31536000, immutable').header('accept-ranges', 'bytes').type(type)
    if (answerUnchanged(request, reply, etag)) {
      await file.close()
      return reply
    }
    const ifRange = request.headers['if-range']
    const range = ifRange === undefined || ifRange === etag ? parseRange(request.headers.range, size) : undefined
    if (range === 'behind') {
      reply.header('content-range', `bytes */${size}`)
      throw new Refused(416, 'BAD_REQUEST', `the range begins behind the end, which is at ${size} bytes`)
    }
    const { start, end } = range ?? { start: 0, end: size - 1 }
    reply.header('content-length', end - start + 1)
    if (range) reply.status(206).header('content-range', `bytes ${start}-${end}/${size}`)
    if (request.method === 'HEAD' || size === 0) {
      await file.close()
      return reply.send(Readable.from([]))
    }
    return reply.send(file.createReadStream({ start, end }))
  } catch (error) {
    await file.close()
    throw error
  }
}

/** @returns undefined for no range and for forms that may be ignored (several ranges, other units), inclusive offsets otherwise */
export function parseRange(header: string | undefined, size: number): { start: number; end: number } | 'behind' | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '') ?? []
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined
  if (first === '') return Number(last) === 0 || size === 0 ? 'behind' : { start: Math.max(0, size - Number(last)), end: size - 1 }
  const start = Number(first)
  if (last !== '' && Number(last) < start) return undefined
  if (start >= size) return 'behind'
  return { start, end: last === '' ? size - 1 : Math.min(Number(last), size - 1) }
}
