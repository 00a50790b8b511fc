import { readFile } from 'node:fs/promises'
import type { Cloud } from '../openstack/cloud.ts'
import { CloudError } from '../openstack/cloud-error.ts'
import { imageRecords } from '../openstack/glance/image-records.ts'
import { parameterNames } from '../openstack/trove/configuration-parameters.ts'
import { managedVersions, type ManagedVersion } from '../openstack/trove/datastore-versions.ts'
import { datastores, flavors } from '../openstack/trove/datastores.ts'
import type { Seen } from './plan/plan.ts'
import { meantOf, versionsNamed } from './plan/plan-version.ts'
import { Refusal } from './refusal.ts'
import { minDisk, type PublishWish } from './wish.ts'
import { within } from './within.ts'

/** Seconds. */
const CALL = 60

/** The file with a manager's configuration parameters, where one is at hand. */
export type RulesOf = (manager: string) => string | undefined

/** What a plan is made from; nothing is changed. @throws CloudError, with status 401 or 403 for who is no admin */
export async function survey(cloud: Cloud, wish: Pick<PublishWish, 'datastore' | 'version' | 'manager'>, rulesOf: RulesOf, token: Seen['token'], signal: AbortSignal): Promise<Seen & { knowsDatastore: boolean }> {
  const { projectId } = await cloud.session(within(CALL, signal))
  const [records, managed, stores] = await Promise.all([
    imageRecords(cloud, [['owner', projectId]], within(CALL, signal)),
    managedVersions(cloud, within(CALL, signal)),
    datastores(cloud, within(CALL, signal)),
  ])
  const versions = managed ?? stores.flatMap((store) => store.versions.map((version): ManagedVersion => ({ ...version, datastore_name: store.name, active: version.active !== false && version.active !== 0, default: store.default_version === version.id })))
  const target = meantOf(versionsNamed(versions, wish), wish)
  const rulesFile = rulesOf(wish.manager ?? target?.datastore_manager ?? wish.datastore)
  const rules = rulesFile === undefined ? undefined : { file: rulesFile, names: await ruleNames(rulesFile) }
  return {
    records,
    versions,
    api: managed !== undefined,
    parameters: target === undefined || rules === undefined ? [] : await parameterNames(cloud, target.id, within(CALL, signal)).catch(none),
    ...(rules === undefined ? {} : { rules }),
    ...(token === undefined ? {} : { token }),
    knowsDatastore: stores.some(({ name }) => name === wish.datastore),
  }
}

/** @throws Refusal where no instance of that flavor could have a disk for the image */
export async function requireFlavor(cloud: Cloud, words: string, disk: Parameters<typeof minDisk>[0], signal: AbortSignal): Promise<void> {
  const all = await flavors(cloud, within(CALL, signal))
  const flavor = all.find((each) => each.str_id === words) ?? all.find(({ name }) => name === words)
  if (flavor === undefined) throw new Refusal(`there is no flavor ${words}; there are ${all.map(({ name }) => name).slice(0, 10).join(', ') || 'none'}.\n  openstack flavor list      shows them`)
  const wanted = minDisk(disk)
  if (flavor.disk !== 0 && flavor.disk < wanted) {
    throw new Refusal(`flavor ${flavor.name} has a disk of ${flavor.disk} GiB, and the image is one of ${wanted} GiB: nothing was uploaded.\n  openstack flavor create --ram ${flavor.ram} --vcpus ${flavor.vcpus} --disk ${wanted} NAME\n  or build the image from a smaller one`)
  }
}

/** A Trove without the call has no list either. */
function none(error: unknown): string[] {
  if (error instanceof CloudError && error.status === 404) return []
  throw error
}

async function ruleNames(file: string): Promise<string[]> {
  try {
    const { 'configuration-parameters': all } = JSON.parse(await readFile(file, 'utf8')) as { 'configuration-parameters': { name: string }[] }
    return all.map(({ name }) => name)
  } catch (error) {
    throw new Refusal(`${file} is no list of configuration parameters: ${(error as Error).message}.\n  --parameters FILE      names a release's validation-rules.json`, { cause: error })
  }
}
