import type { FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { Refused } from './refused.ts'

/** Saying what is wrong looks at every part; hundreds of thousands fit into a body that is allowed, and would hold everybody up. */
const EXPLAINED = 10_000

/**
 * Validates with the TypeBox schemas themselves: nothing is coerced or dropped, and the error names place and rule, never the value.
 * Where several forms are allowed, the error is of the one that fits farthest.
 */
export const checkBody: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  return (value) => {
    if (Value.Check(schema, value)) return { value }
    if (hasMoreThan(EXPLAINED, value)) return { error: new Refused(400, 'BAD_REQUEST', `${httpPart ?? 'request'} is not valid, and has more than ${EXPLAINED} parts: it is not said which`) }
    // `boolean` is said of each key that must not be there, and its path would be the client's own word.
    const errors = Value.Errors(schema, value).filter(({ keyword }) => keyword !== 'boolean')
    const farthest = errors.toSorted((a, b) => depth(b.instancePath) - depth(a.instancePath))[0]
    return { error: new Refused(400, 'BAD_REQUEST', `${httpPart ?? 'request'}${farthest?.instancePath ?? ''} ${farthest?.message ?? 'is not valid'}`) }
  }
}

function depth(path: string): number {
  return path.split('/').length
}

/** Whether that many values lie in this one. */
function hasMoreThan(limit: number, value: unknown): boolean {
  const open = [value]
  for (let seen = 0; open.length > 0; seen++) {
    const one = open.pop()
    if (typeof one !== 'object' || one === null) continue
    const parts = Object.values(one)
    if (seen + open.length + parts.length > limit) return true
    for (const part of parts) open.push(part)
  }
  return false
}
