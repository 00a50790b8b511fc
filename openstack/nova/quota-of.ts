import { Type } from 'typebox'
import { answerOf } from '../answer-of.ts'
import type { Cloud } from '../cloud.ts'
import type { Patience } from '../http/ask.ts'

const Left = Type.Object({ limit: Type.Number(), in_use: Type.Number(), reserved: Type.Number() })
const QuotaSet = Type.Object({ instances: Left, cores: Left, /** MiB. */ ram: Left })
/** A limit below 0 is none. */
export type QuotaSet = Type.Static<typeof QuotaSet>

/** Of any project. @throws CloudError, with status 403 for another project's and who is no admin */
export async function novaQuotaOf(cloud: Cloud, projectId: string, patience: Patience): Promise<QuotaSet> {
  const path = `/os-quota-sets/${encodeURIComponent(projectId)}/detail`
  return answerOf(Type.Object({ quota_set: QuotaSet }), await cloud.read({ service: 'compute', path }, patience), 'Nova').quota_set
}
