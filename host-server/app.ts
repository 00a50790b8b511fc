import swagger from '@fastify/swagger'
import fastify, { LogController, type FastifyBaseLogger, type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { TurnedAway } from './admission/turned-away.ts'
import { checkBody } from './check-body.ts'
import { Connections } from './connections.ts'
import { doors } from './doors.ts'
import { MOST_CONNECTIONS, MOST_HEADERS, MOST_OF_ONE_CALLER, MOST_OPEN_QUESTIONS, SERVER_LIMITS, type ServerLimits } from './limits.ts'
import type { Parts } from './parts.ts'
import { parseJson } from './parse-json.ts'
import { endPipelining } from './pipelining.ts'
import { answerError, Refused } from './refused.ts'
import { logRequest } from './request-log.ts'
import { enrolRoutes } from './routes/enrol.ts'
import { followRoutes } from './routes/follow.ts'
import { handoutRoutes } from './routes/handout.ts'
import { openRoutes } from './routes/open.ts'
import { operatorRoutes } from './routes/operator.ts'
import { ownRoutes } from './routes/own.ts'
import { wheelRoutes } from './routes/wheels.ts'
import { Sightings } from './sightings.ts'

export interface AppOptions {
  readonly logger?: FastifyBaseLogger
  /** For HTTPS: key, certificate, versions. Without it the app answers `inject` alone. */
  readonly https?: { readonly key: string; readonly cert: string; readonly minVersion: 'TLSv1.3' }
  /** Other than in limits.ts, for a test that does not wait so long. */
  readonly limits?: Partial<ServerLimits>
}

const BODY_LIMIT = 16 * 1024
/** Refusals that were only counted are written as often as this. */
const FLUSH_MS = 60_000

/** The host as a value: it listens nowhere until told so. */
export async function buildApp(parts: Parts, { logger, https, limits }: AppOptions = {}): Promise<FastifyInstance> {
  const serverLimits = { ...SERVER_LIMITS, ...limits }
  const app = fastify({
    ...(logger ? { loggerInstance: logger } : {}),
    ...serverLimits,
    ...(https ? { https: { ...https, ...serverLimits } } : { http: serverLimits }),
    // One line a request comes from request-log.ts.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT,
    // An address that cannot be decoded comes to no route and no hook; Fastify's own answer would repeat it.
    frameworkErrors: answerError,
    // Fastify's own would log the raw bytes of a request it cannot read, credentials among them.
    clientErrorHandler: (_error, socket) => void socket.destroy(),
    // One validator for all, on TypeBox itself: ajv and fast-json-stringify would cost 15 MB that an idle host does not need.
    schemaController: {
      compilersFactory: { buildValidator: () => checkBody as never, buildSerializer: () => () => JSON.stringify },
    },
  } as FastifyServerOptions) as unknown as FastifyInstance

  app.server.maxHeadersCount = MOST_HEADERS
  const connections = new Connections({ inAll: MOST_CONNECTIONS, ofOne: MOST_OF_ONE_CALLER })
  connections.watch(app.server)

  endPipelining(app.server, MOST_OPEN_QUESTIONS)

  app.addContentTypeParser('application/json', { parseAs: 'string' }, parseJson(app))
  app.decorateRequest('caller', null)
  // Behind the door and before the body.
  app.addHook('preParsing', async ({ caller, raw }) => {
    if (caller?.kind === 'instance') connections.vouch(raw.socket, caller.instance)
    else if (caller?.kind === 'operator') connections.vouch(raw.socket, caller.kind)
  })
  app.setErrorHandler(answerError)
  app.setNotFoundHandler(() => {
    throw nothingHere()
  })
  const sightings = new Sightings()
  app.addHook('onResponse', logRequest)
  app.addHook('onResponse', async ({ caller, routeOptions }, { statusCode }) => {
    if (caller?.kind === 'instance') sightings.noteAnswer(caller.instance, routeOptions.url, statusCode, parts.clock())
  })

  await app.register(swagger, {
    openapi: {
      info: { title: 'Trovestrap host-server', version: parts.version },
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' }, basic: { type: 'http', scheme: 'basic' } } },
    },
  })

  const turnedAway = new TurnedAway(parts.store.audit)
  const flush = (): void => {
    try {
      turnedAway.flush(parts.clock())
    } catch (error) {
      // The disk is full, say: what was counted is written the next time.
      app.log.error({ err: error }, 'the audit log could not be written')
    }
  }
  const flushing = setInterval(flush, FLUSH_MS).unref()
  app.addHook('preClose', async () => {
    clearInterval(flushing)
    parts.followers?.close()
    flush()
  })

  const door = doors(parts, sightings, turnedAway)
  await app.register(openRoutes(parts))
  await app.register(enrolRoutes(door.enrol, parts, turnedAway))
  await app.register(handoutRoutes(door.enrolled, parts))
  await app.register(wheelRoutes(door.enrolled, parts))
  await app.register(ownRoutes(door.itself, parts))
  await app.register(operatorRoutes(door.operator, parts, sightings))
  await app.register(followRoutes(door.operator, parts))
  await app.register(
    async (unknown) => {
      unknown.addHook('onRequest', door.anybody)
      unknown.setNotFoundHandler(() => {
        throw nothingHere()
      })
    },
    { prefix: '/v1' },
  )
  return app
}

function nothingHere(): Refused {
  return new Refused(404, 'NOT_FOUND', 'there is nothing at this address')
}
