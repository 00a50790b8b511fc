// What a project may still have (trove/extensions/mgmt/quota/views.py); everybody may ask for his own.
import { Type } from 'typebox'
import { answerOf } from '../answer-of.ts'
import type { Cloud } from '../cloud.ts'
import type { Patience } from '../http/ask.ts'

const Quota = Type.Object({ resource: Type.String(), in_use: Type.Number(), reserved: Type.Number(), limit: Type.Number() })
/** `instances`, `ram` (MiB), `volumes` (GiB); a limit below 0 is none. */
export type Quota = Type.Static<typeof Quota>

/** Of the project that is logged in. @throws CloudError */
export async function quotas(cloud: Cloud, patience: Patience): Promise<Quota[]> {
  const { projectId } = await cloud.session(patience)
  const body = await cloud.read({ service: 'database', path: `/mgmt/quotas/${encodeURIComponent(projectId)}` }, patience)
  return answerOf(Type.Object({ quotas: Type.Array(Quota) }), body, 'Trove').quotas
}
