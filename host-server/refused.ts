import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import type { Refusal } from '../contract/operator-view.ts'
import { diskTrouble } from './disk-trouble.ts'

/** An answer that is no. Its message goes to the client as it is: one line, no secret, nothing about what lies behind a door. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly statusCode: number
  readonly code: string
  /** Seconds after which asking again makes sense. */
  readonly retryAfter: number | undefined

  constructor(statusCode: number, code: string, message: string, { retryAfter }: { retryAfter?: number } = {}) {
    super(message)
    this.statusCode = statusCode
    this.code = code
    this.retryAfter = retryAfter
  }
}

/** Fastify's own refusals in our words; its texts can name what the client sent. */
const OURS: Readonly<Record<string, readonly [code: string, message: string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['TOO_LARGE', 'the body is larger than this address takes'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['BAD_REQUEST', 'expected Content-Type: application/json'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['BAD_REQUEST', 'expected JSON'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['BAD_REQUEST', 'expected JSON, got an empty body'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['BAD_REQUEST', 'the body has not the size that Content-Length says'],
}

/** Insufficient Storage. A guest keeps what it has to say and asks again; no stack in the log, because it comes with every request. */
const DISK = 507

/** Turns whatever was thrown into one clear line; what nobody foresaw is logged with its stack and told without. */
export function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const [status, code, message] = explain(error)
  if (status === DISK) request.log.error(message)
  else if (status >= 500 && !(error instanceof Refused)) request.log.error({ err: error }, 'a request failed')
  if (status === 401) reply.header('www-authenticate', ['Bearer realm="trovestrap"', 'Basic realm="trovestrap"'])
  if (error instanceof Refused && error.retryAfter !== undefined) reply.header('retry-after', error.retryAfter)
  // A body that was refused unread would have to be read to its end before the connection could serve again.
  if (bodyIsUnread(request)) reply.header('connection', 'close')
  void reply.status(status).send({ code, message } satisfies Refusal)
}

function explain(error: FastifyError): readonly [status: number, code: string, message: string] {
  if (error instanceof Refused) return [error.statusCode, error.code, error.message]
  const trouble = diskTrouble(error)
  if (trouble !== undefined) return [DISK, 'HOST_DISK', `the host can keep nothing: the disk of its state folder ${trouble}`]
  const ours = OURS[error.code]
  const status = error.statusCode ?? 500
  if (ours) return [status, ...ours]
  return status < 500 ? [status, 'BAD_REQUEST', 'the request is malformed'] : [500, 'HOST_FAILED', 'the host met an error; its log has more']
}

function bodyIsUnread(request: FastifyRequest): boolean {
  const { headers } = request
  return request.body === undefined && (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0)
}
