import type { Secret } from '../../contract/secret.ts'
import { printable } from '../../contract/printable.ts'
import { CloudError } from '../../openstack/cloud-error.ts'
import type { Cloud } from '../../openstack/cloud.ts'
import type { Patience } from '../../openstack/http/ask.ts'
import { createInstance, type InstanceRequest } from '../../openstack/trove/lifecycle.ts'
import { ownInstances, type TroveInstance } from '../../openstack/trove.ts'
import { Refusal } from '../refusal.ts'
import type { LaunchPlan } from './plan-launch.ts'

/** Milliseconds for the second look, when an answer was lost. */
const SECOND_LOOK = 10_000

/** Of this name in the project that is logged in. @throws Refusal when there are two, CloudError */
export async function instanceOfName(cloud: Cloud, name: string, patience: Patience): Promise<TroveInstance | undefined> {
  const all = (await ownInstances(cloud, patience)).filter((one) => one.name === name)
  if (all.length > 1) throw new Refusal(`there are ${all.length} instances called ${printable(name)} already: ${all.map(({ id }) => id).join(', ')}.\n  trovestrap delete ID      takes one away; or launch under another name`)
  return all[0]
}

/**
 * Asks Trove for the instance. When the answer is lost on its way, what Trove has made of it is looked for, so that nothing is made twice.
 * @param passwords of every user of the wish
 * @throws CloudError
 */
export async function launch(cloud: Cloud, plan: LaunchPlan, passwords: ReadonlyMap<string, Secret>, patience: Patience): Promise<TroveInstance> {
  try {
    return await createInstance(cloud, requestOf(plan, passwords), patience)
  } catch (error) {
    if (!(error instanceof CloudError) || error.status !== undefined) throw error
    const made = await instanceOfName(cloud, plan.wish.name, { signal: AbortSignal.timeout(SECOND_LOOK), until: Date.now() + SECOND_LOOK }).catch(() => undefined)
    if (made !== undefined) return made
    throw new CloudError(`${error.message}; whether Trove has taken the request is not known, and the same command again finds out`, { silent: error.silent, cause: error })
  }
}

/** @throws TypeError when a user has no password */
export function requestOf({ wish, datastore, version, flavor, network }: LaunchPlan, passwords: ReadonlyMap<string, Secret>): InstanceRequest {
  const databases = wish.databases.map((name) => ({ name }))
  return {
    name: wish.name,
    flavorRef: flavor.str_id,
    datastore: { type: datastore.id, version: version.id },
    ...(wish.size === undefined ? {} : { volume: { size: wish.size } }),
    ...(network === undefined ? {} : { nics: [{ 'net-id': network.id }] }),
    ...(databases.length === 0 ? {} : { databases }),
    ...(wish.users.length === 0 ? {} : { users: wish.users.map((name) => ({ name, password: passwordOf(name, passwords), databases })) }),
    ...(wish.availabilityZone === undefined ? {} : { availability_zone: wish.availabilityZone }),
  }
}

function passwordOf(user: string, passwords: ReadonlyMap<string, Secret>): string {
  const password = passwords.get(user)
  if (password === undefined) throw new TypeError(`no password was given for user ${user}`)
  return password.reveal()
}
