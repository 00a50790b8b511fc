import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** A strong tag of the content itself. */
export function etagOf(content: string | Buffer): string {
  return `"${createHash('sha256').update(content).digest('hex')}"`
}

/** Sets the tag; when the client has that version already, answers 304. @returns whether it did, and nothing is left to send */
export function answerUnchanged(request: FastifyRequest, reply: FastifyReply, etag: string): boolean {
  reply.header('etag', etag)
  if (!hasAlready(request, etag)) return false
  void reply.status(304).send()
  return true
}

/** Whether the client says that it has this version. */
export function hasAlready({ headers }: FastifyRequest, etag: string): boolean {
  const known = (headers['if-none-match'] ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return known.includes(etag) || known[0] === '*'
}
