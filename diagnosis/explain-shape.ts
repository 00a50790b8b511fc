import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'

/** The first place where a value is not as its schema says: `broker.port must be number`. */
export function explainShape(schema: TSchema, value: unknown): string {
  const [first] = Value.Errors(schema, value)
  if (first === undefined) return 'it is not whole'
  const path = first.instancePath.split('/').slice(1).map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
  const { requiredProperties = [] } = first.params as { requiredProperties?: string[] }
  if (requiredProperties.length > 0) return `${[...path, requiredProperties[0]!].join('.')} is missing`
  const place = path.join('.').slice(0, 200)
  return `${place === '' ? 'the whole' : place} ${first.message.slice(0, 200)}`
}
