import { Type } from 'typebox'
import { answerOf } from '../answer-of.ts'
import type { Cloud } from '../cloud.ts'
import type { Patience } from '../http/ask.ts'

const Left = Type.Object({ limit: Type.Number(), used: Type.Number(), reserved: Type.Number() })
const Quota = Type.Object({ port: Left })
/** A limit below 0 is none. */
export type NeutronQuota = Type.Static<typeof Quota>

/** Of any project. @returns undefined where this Neutron does not tell what is used (extension quota_details) @throws CloudError */
export async function neutronQuotaOf(cloud: Cloud, projectId: string, patience: Patience): Promise<NeutronQuota | undefined> {
  const call = { service: 'network', path: `/quotas/${encodeURIComponent(projectId)}/details` } as const
  const answer = await cloud.call(call, patience)
  if (answer.status === 404) return undefined
  if (answer.status !== 200) throw cloud.refusal(call, answer)
  return answerOf(Type.Object({ quota: Quota }), answer.body, 'Neutron').quota
}
