import { Type } from 'typebox'
import { answerOf, Maybe } from '../answer-of.ts'
import type { Cloud } from '../cloud.ts'
import type { Patience } from '../http/ask.ts'

const Service = Type.Object({
  /** `nova-compute`, `nova-conductor`, `nova-scheduler`. */
  binary: Type.String(),
  host: Type.String(),
  /** `up` where it was heard within a minute. */
  state: Type.String(),
  status: Type.Union([Type.Literal('enabled'), Type.Literal('disabled')]),
  disabled_reason: Maybe(Type.String()),
})
export type NovaService = Type.Static<typeof Service>

/** @throws CloudError, with status 403 for who is no admin */
export async function novaServices(cloud: Cloud, patience: Patience): Promise<NovaService[]> {
  return answerOf(Type.Object({ services: Type.Array(Service) }), await cloud.read({ service: 'compute', path: '/os-services' }, patience), 'Nova').services
}
