import type { FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { Refused } from './refused.ts'

/**
 * Validates with the TypeBox schemas themselves: nothing is coerced or dropped, and the error names place and rule, never the value.
 * Where several forms are allowed, the error is of the one that fits farthest.
 */
export const checkBody: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  return (value) => {
    if (Value.Check(schema, value)) return { value }
    // `boolean` is said of each key that must not be there, and its path would be the client's own word.
    const errors = Value.Errors(schema, value).filter(({ keyword }) => keyword !== 'boolean')
    const farthest = errors.toSorted((a, b) => depth(b.instancePath) - depth(a.instancePath))[0]
    return { error: new Refused(400, 'BAD_REQUEST', `${httpPart ?? 'request'}${farthest?.instancePath ?? ''} ${farthest?.message ?? 'is not valid'}`) }
  }
}

function depth(path: string): number {
  return path.split('/').length
}
