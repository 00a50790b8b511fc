// What a project may still have in Nova.
import { Type } from 'typebox'
import { answerOf } from '../answer-of.ts'
import type { Cloud } from '../cloud.ts'
import type { Patience } from '../http/ask.ts'

const Absolute = Type.Object({
  maxTotalInstances: Type.Number(),
  totalInstancesUsed: Type.Number(),
  maxTotalCores: Type.Number(),
  totalCoresUsed: Type.Number(),
  /** MiB. */
  maxTotalRAMSize: Type.Number(),
  totalRAMUsed: Type.Number(),
})
/** A maximum below 0 is none. */
export type NovaLimits = Type.Static<typeof Absolute>

/** Of the project that is logged in. @throws CloudError */
export async function novaLimits(cloud: Cloud, patience: Patience): Promise<NovaLimits> {
  return answerOf(Type.Object({ limits: Type.Object({ absolute: Absolute }) }), await cloud.read({ service: 'compute', path: '/limits' }, patience), 'Nova').limits.absolute
}
