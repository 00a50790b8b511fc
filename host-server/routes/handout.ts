import { createReadStream } from 'node:fs'
import { pipeline, Readable } from 'node:stream'
import { createGzip, createZstdDecompress } from 'node:zlib'
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { WantedContents } from '../../contract/contents.ts'
import { Envelope } from '../../contract/envelope.ts'
import { Refusal } from '../../contract/operator-view.ts'
import { FOLLOW_HEADER, ROUTES } from '../../contract/routes.ts'
import type { Door } from '../doors.ts'
import { answerUnchanged, hasAlready } from '../etag.ts'
import { waitOf } from '../follow/followers.ts'
import type { Parts } from '../parts.ts'
import { Refused } from '../refused.ts'
import { sendContents } from '../send-contents.ts'
import { sendFile } from '../send-file.ts'
import { Transfers } from '../transfers.ts'

const CONTENTS_LIMIT = 512 * 1024

/** The source tree: what it is made of, signed, and the content by its digest. */
export function handoutRoutes(door: Door, { offer, followers, store, transfers = new Transfers() }: Parts): FastifyPluginAsync {
  return async (app) => {
    app.addHook('onRequest', door)

    app.get(
      ROUTES.manifest,
      { schema: { summary: 'The signed manifest of the source tree', response: { 200: Envelope, '4xx': Refusal } } },
      async (request, reply) => {
        const instance = callerOf(request)
        const has = request.headers['if-none-match']
        const wait = waitOf(request.headers.prefer)
        if (followers) {
          reply.header(FOLLOW_HEADER, 'yes')
          if (wait > 0 && has !== undefined) await followers.wait(instance, () => !hasAlready(request, offer().manifest.etag), wait, goneOf(reply))
        }
        // Who was let in before the wait may have been revoked in it.
        if (wait > 0) await door(request)
        reply.header('cache-control', 'private, no-cache')
        if (has !== undefined && store.instances.isHeld(instance)) return reply.status(304).header('etag', has.split(',')[0]!).send()
        const { manifest } = offer()
        if (!followers?.takeRefresh(instance) && answerUnchanged(request, reply, manifest.etag)) return reply
        await transfers.turn(goneOf(reply), instance)
        reply.type('application/json; charset=utf-8').header('vary', 'accept-encoding')
        if (!/\bzstd\b/.test(request.headers['accept-encoding'] ?? '')) return reply.send(manifest.body)
        return reply.header('content-encoding', 'zstd').send(manifest.zstd)
      },
    )

    app.get<{ Params: { sha256: string } }>(
      ROUTES.content,
      { schema: { summary: 'A pack by the digest of its bytes: zstd, where Range goes on where a download broke off; with Accept: application/gzip the same contents in gzip' } },
      async (request, reply) => {
        // The digest is looked up, never made into a path.
        const path = offer().content.get(request.params.sha256)
        if (path === undefined) throw new Refused(404, 'NOT_FOUND', 'there is no content with this digest')
        const isGzip = /\bapplication\/gzip\b/.test(request.headers.accept ?? '')
        // Fastify sends no body, and would have it made all the same.
        if (isGzip && request.method === 'HEAD') return reply.type('application/gzip').send(Readable.from([]))
        await transfers.turn(goneOf(reply), callerOf(request))
        if (isGzip) return reply.type('application/gzip').send(gzipped(path))
        return sendFile(request, reply, path, `"${request.params.sha256}"`, 'application/octet-stream')
      },
    )

    app.post<{ Body: WantedContents }>(
      ROUTES.contents,
      { bodyLimit: CONTENTS_LIMIT, preHandler: door, schema: { summary: "Single contents of the manifest's files, in its order, as one zstd stream", body: WantedContents } },
      async (request, reply) => {
        const { manifest, content } = offer()
        await transfers.turn(goneOf(reply), callerOf(request))
        const stream = await sendContents(content.get(manifest.pack.sha256) ?? '', manifest.pack.pieces, request.body)
        return reply.header('cache-control', 'no-store').type('application/zstd').send(stream)
      },
    )
  }
}

/** For what cannot read zstd. Compressed anew each time: a guest of ours never asks for it. */
function gzipped(pack: string): Readable {
  const out = createGzip()
  // A failure on the way destroys `out`, which ends the answer; so does the other way round a client that hangs up.
  pipeline(createReadStream(pack), createZstdDecompress(), out, () => {})
  return out
}

function callerOf({ caller }: FastifyRequest): string {
  return caller?.kind === 'instance' ? caller.instance : ''
}

/** Aborts when the client has hung up. */
function goneOf({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController()
  raw.once('close', () => gone.abort())
  return gone.signal
}
