// An instance is made and taken away (trove/instance/service.py, trove/common/apischema.py).
import { Type } from 'typebox'
import { answerOf } from '../answer-of.ts'
import type { Cloud } from '../cloud.ts'
import type { Patience } from '../http/ask.ts'
import { TroveInstance } from '../trove.ts'

/** What POST /instances takes, as far as we ask for it. */
export interface InstanceRequest {
  readonly name: string
  readonly flavorRef: string
  /** Ids or names. */
  readonly datastore: { readonly type: string; readonly version: string }
  /** GiB. */
  readonly volume?: { readonly size: number }
  /** One at most: Trove's schema takes no more. */
  readonly nics?: readonly { readonly 'net-id': string }[]
  readonly databases?: readonly { readonly name: string }[]
  /** In clear: the request is the one place where a password stands so. */
  readonly users?: readonly { readonly name: string; readonly password: string; readonly databases: readonly { readonly name: string }[] }[]
  readonly availability_zone?: string
}

/** @throws CloudError; one without a status leaves open whether Trove has taken it */
export async function createInstance(cloud: Cloud, instance: InstanceRequest, patience: Patience): Promise<TroveInstance> {
  return answerOf(Type.Object({ instance: TroveInstance }), await cloud.read({ service: 'database', path: '/instances', json: { instance } }, patience), 'Trove').instance
}

/** @returns false when there is none @throws CloudError, with status 422 while it is being built, 409 while something else is done to it */
export async function deleteInstance(cloud: Cloud, id: string, patience: Patience): Promise<boolean> {
  const call = { service: 'database', path: `/instances/${encodeURIComponent(id)}`, method: 'DELETE' } as const
  const answer = await cloud.call(call, patience)
  if (answer.status === 404) return false
  if (answer.status < 200 || answer.status >= 300) throw cloud.refusal(call, answer)
  return true
}

/**
 * Makes Trove forget what it was doing with an instance, so that it can be deleted; its running backups count as failed from then on. The first
 * half of what `openstack database instance force delete` does; the word in the body asks for that right and not for the one to reset.
 * @throws CloudError, with status 403 for who may not
 */
export async function resetForDeletion(cloud: Cloud, id: string, patience: Patience): Promise<void> {
  await cloud.read({ service: 'database', path: `/instances/${encodeURIComponent(id)}/action`, json: { reset_status: { force_delete: true } } }, patience)
}
