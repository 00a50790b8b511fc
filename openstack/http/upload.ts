import { Readable } from 'node:stream'
import got, { type RequestError } from 'got'
import type { Patience, Question } from './ask.ts'

/** A body that is too large to be held: it comes in pieces, and from its beginning each time it is opened. */
export interface Body {
  readonly bytes: number
  open(): AsyncIterable<Uint8Array>
}

/** Milliseconds. Who knows `Expect` answers at once; a proxy that does not know it never will. */
const CONTINUE = 2_000

/** Milliseconds without a byte in either direction. A store may take its time after the last of them. */
const IDLE = 600_000

export interface Uploaded {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Uint8Array
}

/**
 * Sends a body as a stream, in constant memory. It is only begun once the server wants it (RFC 9110, `Expect: 100-continue`): who has no right, no room
 * or an old token hears so instead of having his connection closed in the middle.
 * @throws RequestError of got when no answer came; what reading the body threw
 */
export async function upload(question: Question, body: Body, { signal }: Patience): Promise<Uploaded> {
  const { method, url, headers, trust } = question
  const begin = Promise.withResolvers<void>()
  const over = new AbortController()
  const source = watched(body, begin.promise, over.signal)
  try {
    const asking = got(url, {
      method,
      headers: { accept: 'application/json', 'user-agent': 'trovestrap', 'content-type': 'application/octet-stream', ...headers, 'content-length': String(body.bytes), expect: '100-continue' },
      body: Readable.from(source.pieces(), { objectMode: false, highWaterMark: 2 ** 18 }),
      agent: { http: trust.http, https: trust.https },
      signal: AbortSignal.any([signal, over.signal]),
      timeout: { socket: IDLE },
      followRedirect: false,
      throwHttpErrors: false,
      decompress: false,
      retry: { limit: 0 },
      responseType: 'buffer',
    })
    void asking.on('request', (request) => {
      const late = setTimeout(begin.resolve, CONTINUE)
      request.once('continue', begin.resolve).once('response', () => clearTimeout(late)).once('close', () => clearTimeout(late))
    })
    return await asking
  } catch (error) {
    throw source.fault() ?? (error as RequestError)
  } finally {
    over.abort() // an answer that came early leaves the rest unsent
  }
}

function watched(body: Body, begin: Promise<void>, over: AbortSignal): { pieces(): AsyncGenerator<Uint8Array>; fault(): unknown } {
  let fault: unknown
  return {
    async *pieces() {
      await begin
      if (over.aborted) return
      try {
        yield* body.open()
      } catch (error) {
        fault = error
        throw error
      }
    },
    fault: () => fault,
  }
}
