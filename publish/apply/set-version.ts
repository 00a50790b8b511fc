import type { Cloud } from '../../openstack/cloud.ts'
import { changeVersion, createVersion, managedVersions, type ManagedVersion } from '../../openstack/trove/datastore-versions.ts'
import type { Plan } from '../plan/plan.ts'
import { meantOf, versionsNamed } from '../plan/plan-version.ts'
import { Failure } from '../refusal.ts'
import type { PublishWish } from '../wish.ts'
import { within } from '../within.ts'
import { troveManage } from './trove-manage.ts'

/** Seconds. */
const CALL = 60

/** Makes or changes the datastore version, through Trove's API. @param image Glance's id */
export async function setVersion(cloud: Cloud, { create, change }: Plan, image: string, signal: AbortSignal): Promise<void> {
  if (create !== undefined) await createVersion(cloud, { ...create, image }, within(CALL, signal))
  if (change !== undefined) await changeVersion(cloud, change.version.id, { ...change.rest, ...(change.image ? { image } : {}) }, within(CALL, signal))
}

/** The same with Trove's own tool: a datastore first, since a version needs one. */
export async function setVersionByHand(troveConf: string, { create, change, number }: Plan, image: string, knowsDatastore: boolean, signal: AbortSignal): Promise<void> {
  const { datastore_name: datastore, name } = create ?? change!.version
  const manager = create?.datastore_manager ?? change?.rest.datastore_manager ?? change?.version.datastore_manager
  if (typeof manager !== 'string') throw new Failure(`this Trove does not tell who manages ${datastore} ${name}.\n  --manager NAME      says it`)
  if (create !== undefined && !knowsDatastore) await troveManage(troveConf, ['datastore_update', datastore, ''], signal)
  await troveManage(troveConf, ['datastore_version_update', datastore, name, manager, image, '', '1', '--version', number], signal)
}

/** Makes it what users get who name no version. */
export async function setDefault(cloud: Cloud, way: NonNullable<Plan['makeDefault']>, wish: PublishWish, troveConf: string, signal: AbortSignal): Promise<void> {
  const version = await versionOf(cloud, wish, signal)
  if (way === 'api') await changeVersion(cloud, version!.id, { default: true }, within(CALL, signal))
  else await troveManage(troveConf, ['datastore_update', wish.datastore, version?.id ?? wish.version], signal)
}

/** As Trove has it now. @returns undefined where its API does not tell */
async function versionOf(cloud: Cloud, wish: PublishWish, signal: AbortSignal): Promise<ManagedVersion | undefined> {
  const all = await managedVersions(cloud, within(CALL, signal))
  return all === undefined ? undefined : meantOf(versionsNamed(all, wish), wish)
}
