import type { FastifyBodyParser, FastifyInstance } from 'fastify'
import { Refused } from './refused.ts'

/**
 * Commas and opening brackets. A thousand reports have some ten thousand; 340,000 empty objects fit into the largest body that is taken, and
 * parsing them costs 20 MB and a good part of a second in which nobody else is answered.
 */
const MOST_PARTS = 100_000

/** As Fastify parses JSON, after a look at how much it would become. */
export function parseJson(app: FastifyInstance): FastifyBodyParser<string> {
  const parse = app.getDefaultJsonParser('error', 'error')
  return (request, body, done) => {
    if (hasMoreThan(MOST_PARTS, body)) return done(new Refused(413, 'TOO_LARGE', `body: expected at most ${MOST_PARTS} parts`))
    return parse(request, body, done)
  }
}

function hasMoreThan(limit: number, text: string): boolean {
  let parts = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if ((code === COMMA || code === BRACKET || code === BRACE) && ++parts > limit) return true
  }
  return false
}

const [COMMA, BRACKET, BRACE] = [',', '[', '{'].map((sign) => sign.charCodeAt(0))
