import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { ROUTES } from '../../contract/routes.ts'
import type { Door } from '../doors.ts'
import { answerUnchanged, etagOf } from '../etag.ts'
import type { Parts } from '../parts.ts'
import { Refused } from '../refused.ts'
import { sendFile } from '../send-file.ts'
import { chooseSimpleFormat, SIMPLE_CONTENT_TYPE, type SimpleFormat } from '../wheels/choose-format.ts'
import { simpleProjectHtml, simpleProjectJson, simpleRootHtml, simpleRootJson } from '../wheels/simple-pages.ts'
import { normalizeProject } from '../wheels/wheel-name.ts'

/** A package index for an unchanged pip: PEP 503 in HTML, PEP 691 in JSON, by what the client accepts. */
export function wheelRoutes(door: Door, { offer }: Parts): FastifyPluginAsync {
  return async (app) => {
    app.addHook('onRequest', door)

    app.get(ROUTES.simple, { schema: { summary: 'All projects of the index (PEP 503, PEP 691)' } }, async (request, reply) => {
      const { wheels } = offer()
      return sendPage(request, reply, { html: () => simpleRootHtml(wheels), json: () => simpleRootJson(wheels) })
    })

    app.get<{ Params: { project: string } }>(
      ROUTES.simpleProject,
      { schema: { summary: 'The files of a project' } },
      async (request, reply) => {
        const project = normalizeProject(request.params.project)
        const files = offer().wheels.projects.get(project)
        if (!files) throw new Refused(404, 'NOT_FOUND', 'the index has no such project')
        return sendPage(request, reply, { html: () => simpleProjectHtml(project, files), json: () => simpleProjectJson(project, files) })
      },
    )

    app.get<{ Params: { file: string } }>(ROUTES.wheel, { schema: { summary: 'A file of the index' } }, async (request, reply) => {
      // The name is looked up, never made into a path.
      const wheel = offer().wheels.files.get(request.params.file)
      if (!wheel) throw new Refused(404, 'NOT_FOUND', 'the index has no such file')
      return sendFile(request, reply, wheel.path, `"${wheel.sha256}"`, 'application/octet-stream')
    })
  }
}

function sendPage(request: FastifyRequest, reply: FastifyReply, pages: Record<SimpleFormat, () => string>): FastifyReply {
  const format = chooseSimpleFormat(request.headers.accept)
  if (!format) throw new Refused(406, 'BAD_REQUEST', `expected Accept: ${SIMPLE_CONTENT_TYPE.json} or text/html`)
  const page = pages[format]()
  reply.header('vary', 'accept').header('cache-control', 'private, no-cache')
  if (answerUnchanged(request, reply, etagOf(page))) return reply
  return reply.type(SIMPLE_CONTENT_TYPE[format]).send(page)
}
