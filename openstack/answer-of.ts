import type { Static, TSchema } from 'typebox'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { CloudError } from './cloud-error.ts'

/** Absent, null, or this: OpenStack's services differ in how they say "none". */
export function Maybe<T extends TSchema>(type: T) {
  return Type.Optional(Type.Union([type, Type.Null()]))
}

/** The answer, where it has the form that we read. @throws CloudError that says what is not as it should be, never the value */
export function answerOf<T extends TSchema>(schema: T, body: unknown, service: string): Static<T> {
  if (Value.Check(schema, body)) return body
  const fault = Value.Errors(schema, body)[0]
  throw new CloudError(`${service} answers something else than was asked for (${fault?.instancePath ?? ''} ${fault?.message ?? 'nothing that can be read'})`)
}
