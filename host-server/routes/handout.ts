import type { FastifyPluginAsync } from 'fastify'
import { WantedContents } from '../../contract/contents.ts'
import { Envelope } from '../../contract/envelope.ts'
import { Refusal } from '../../contract/operator-view.ts'
import { ROUTES } from '../../contract/routes.ts'
import type { Door } from '../doors.ts'
import { answerUnchanged } from '../etag.ts'
import type { Parts } from '../parts.ts'
import { Refused } from '../refused.ts'
import { sendContents } from '../send-contents.ts'
import { sendFile } from '../send-file.ts'

const CONTENTS_LIMIT = 512 * 1024

/** The source tree: what it is made of, signed, and the content by its digest. */
export function handoutRoutes(door: Door, { offer }: Parts): FastifyPluginAsync {
  return async (app) => {
    app.addHook('onRequest', door)

    app.get(
      ROUTES.manifest,
      { schema: { summary: 'The signed manifest of the source tree', response: { 200: Envelope, '4xx': Refusal } } },
      async (request, reply) => {
        const { manifest } = offer()
        reply.header('cache-control', 'private, no-cache')
        if (answerUnchanged(request, reply, manifest.etag)) return reply
        return reply.type('application/json; charset=utf-8').send(manifest.body)
      },
    )

    app.get<{ Params: { sha256: string } }>(
      ROUTES.content,
      { schema: { summary: 'A pack by the digest of its bytes; Range goes on where a download broke off' } },
      async (request, reply) => {
        // The digest is looked up, never made into a path.
        const path = offer().content.get(request.params.sha256)
        if (path === undefined) throw new Refused(404, 'NOT_FOUND', 'there is no content with this digest')
        return sendFile(request, reply, path, `"${request.params.sha256}"`, 'application/octet-stream')
      },
    )

    app.post<{ Body: WantedContents }>(
      ROUTES.contents,
      { bodyLimit: CONTENTS_LIMIT, schema: { summary: "Single contents of the manifest's files, in its order, as one zstd stream", body: WantedContents } },
      async (request, reply) => {
        const { manifest, content } = offer()
        const stream = await sendContents(content.get(manifest.pack.sha256) ?? '', manifest.pack.pieces, request.body)
        return reply.header('cache-control', 'no-store').type('application/zstd').send(stream)
      },
    )
  }
}
