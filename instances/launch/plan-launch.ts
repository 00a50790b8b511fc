import type { Cloud } from '../../openstack/cloud.ts'
import { CloudError } from '../../openstack/cloud-error.ts'
import { image, newestWithTags, type Image } from '../../openstack/glance/images.ts'
import type { Patience } from '../../openstack/http/ask.ts'
import { findNetworks, type FoundNetwork } from '../../openstack/neutron/find-networks.ts'
import { novaLimits } from '../../openstack/nova/limits.ts'
import { datastores, flavors, type DatastoreVersion, type Flavor } from '../../openstack/trove/datastores.ts'
import { quotas } from '../../openstack/trove/quotas.ts'
import { Refusal } from '../refusal.ts'
import { checkFits, checkImage } from './check-image.ts'
import { checkTroveQuota, novaShortage } from './check-quota.ts'
import { chooseVersion, versionName, type Chosen } from './choose-version.ts'
import { theOne } from './the-one.ts'
import type { LaunchWish } from './wish.ts'

/** What is going to be asked of Trove, with every name resolved. */
export interface LaunchPlan extends Chosen {
  readonly wish: LaunchWish
  readonly project: string
  readonly flavor: Flavor
  /** Absent where this user is not shown which one it is. */
  readonly image?: Image
  readonly network?: FoundNetwork
  /** What may go wrong, and what could not be checked. */
  readonly warnings: readonly string[]
}

/** Looks at everything that Trove and Nova would stumble over later, and changes nothing. @throws Refusal, CloudError */
export async function planLaunch(cloud: Cloud, wish: LaunchWish, patience: Patience): Promise<LaunchPlan> {
  const warnings: string[] = []
  const { project, projectId, admin } = await cloud.session(patience)
  const [stores, networks, ofTrove, ofNova] = await Promise.all([
    datastores(cloud, patience),
    wish.network === undefined ? undefined : findNetworks(cloud, wish.network, patience),
    orSay("Trove's quota is not checked", quotas(cloud, patience), warnings),
    orSay("Nova's quota is not checked", novaLimits(cloud, patience), warnings),
  ])
  const chosen = chooseVersion(stores, wish)
  const { datastore, version } = chosen
  const [permitted, bootable] = await Promise.all([flavors(cloud, patience, { datastore: datastore.id, version: version.id }), admin ? imageOf(cloud, chosen, patience, warnings) : undefined])
  if (!admin) warnings.push('the image is not checked: Trove shows to admins alone which one it is')
  const flavor = theOne(`flavor that ${versionName(chosen)} takes`, wish.flavor, permitted.map((one) => ({ ...one, id: one.str_id })))
  if (bootable !== undefined) {
    checkImage(bootable)
    checkFits(bootable, flavor, permitted)
  }
  const network = networks === undefined ? undefined : usable(theOne('network', wish.network!, networks))
  if (ofTrove !== undefined) checkTroveQuota(ofTrove, { name: project, id: projectId }, flavor, wish.size)
  if (ofNova !== undefined) warnings.push(...novaShortage(ofNova, project, flavor))
  return { wish, project, datastore, version, flavor, warnings, ...(bootable === undefined ? {} : { image: bootable }), ...(network === undefined ? {} : { network }) }
}

async function imageOf(cloud: Cloud, chosen: Chosen, patience: Patience, warnings: string[]): Promise<Image | undefined> {
  const { image: id, image_tags } = chosen.version
  const tags = image_tags ?? []
  const has = hasImage(chosen.version)
  if (!has) throw new Refusal(`${versionName(chosen)} has neither an image nor tags of one.\n  trovestrap image publish IMAGE.qcow2 --datastore … --version …      gives it one`)
  const seen = await orSay('the image is not checked', id ? image(cloud, id, patience).then((found) => found ?? 'none') : newestWithTags(cloud, tags, patience).then((found) => found ?? 'none'), warnings)
  if (seen !== 'none') return seen
  throw new Refusal(`${id ? `the image of ${versionName(chosen)}, ${id}, is not in Glance` : `no active image in Glance has the tags ${tags.join(', ')}, of which ${versionName(chosen)} takes the newest`}.\n  trovestrap image publish IMAGE.qcow2 --datastore … --version …      brings one there`)
}

function hasImage({ image, image_tags }: DatastoreVersion): boolean {
  return Boolean(image) || (image_tags ?? []).length > 0
}

function usable(network: FoundNetwork): FoundNetwork {
  const { id, name, subnets, admin_state_up: up } = network
  if (up === false) throw new Refusal(`network ${name ?? id} is down.\n  openstack network set --enable ${id}`)
  if (subnets?.length === 0) throw new Refusal(`network ${name ?? id} has no subnet, so an instance gets no address in it.\n  openstack subnet create --network ${id} --subnet-range CIDR NAME`)
  return network
}

/** What is good to know and no reason to stop. */
async function orSay<T>(what: string, asking: Promise<T>, warnings: string[]): Promise<T | undefined> {
  try {
    return await asking
  } catch (error) {
    if (!(error instanceof CloudError)) throw error
    warnings.push(`${what}: ${error.message}`)
    return undefined
  }
}
