import type { FastifyReply, FastifyRequest } from 'fastify'

/**
 * One line a request. The route and not the address as it came: whoever puts a secret into an address by mistake does not find it in a log.
 */
export async function logRequest(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const instance = request.caller?.kind === 'instance' ? request.caller.instance : undefined
  request.log.info(
    {
      method: request.method,
      route: request.is404 ? 'unknown' : request.routeOptions.url,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
      ...(instance === undefined ? {} : { instance }),
      address: request.ip,
    },
    'request',
  )
}
