// Which options of a database users may set (trove/extensions/mgmt/configuration/service.py).
import { Type } from 'typebox'
import { answerOf } from '../answer-of.ts'
import type { Cloud } from '../cloud.ts'
import type { Patience } from '../http/ask.ts'

/**
 * Names of those that a datastore version has. The call that adds one takes integers with both bounds, and texts; a release's own list has booleans,
 * floats and open bounds too, and trove-manage alone takes those.
 * @throws CloudError
 */
export async function parameterNames(cloud: Cloud, version: string, patience: Patience): Promise<string[]> {
  const Parameters = Type.Object({ 'configuration-parameters': Type.Array(Type.Object({ name: Type.String() })) })
  const path = `/mgmt/datastores/versions/${encodeURIComponent(version)}/parameters`
  return answerOf(Parameters, await cloud.read({ service: 'database', path }, patience), 'Trove')['configuration-parameters'].map(({ name }) => name)
}
