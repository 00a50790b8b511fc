// Which options of a database users may set (trove/extensions/mgmt/configuration/service.py).
import { Type } from 'typebox'
import { answerOf } from '../answer-of.ts'
import type { Cloud } from '../cloud.ts'
import type { Patience } from '../http/ask.ts'

/** As Trove's call wants it. */
export interface ConfigurationParameter {
  readonly name: string
  readonly restart_required: boolean
  readonly data_type: string
  /** Text, because there are larger ones than JavaScript counts to. */
  readonly max_size?: string
  readonly min_size?: string
}

/** Names of those that a datastore version has. @throws CloudError */
export async function parameterNames(cloud: Cloud, version: string, patience: Patience): Promise<string[]> {
  const Parameters = Type.Object({ 'configuration-parameters': Type.Array(Type.Object({ name: Type.String() })) })
  return answerOf(Parameters, await cloud.read({ service: 'database', path: pathOf(version) }, patience), 'Trove')['configuration-parameters'].map(({ name }) => name)
}

/** @throws CloudError, with status 409 where it has one of that name */
export async function createParameter(cloud: Cloud, version: string, parameter: ConfigurationParameter, patience: Patience): Promise<void> {
  await cloud.read({ service: 'database', path: pathOf(version), json: { 'configuration-parameter': parameter } }, patience)
}

function pathOf(version: string): string {
  return `/mgmt/datastores/versions/${encodeURIComponent(version)}/parameters`
}
