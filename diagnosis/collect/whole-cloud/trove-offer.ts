import type { Cloud } from '../../../openstack/cloud.ts'
import { image, newestWithTags, type Image } from '../../../openstack/glance/images.ts'
import type { Patience } from '../../../openstack/http/ask.ts'
import { present } from '../../../openstack/present.ts'
import { datastores, type Datastore, type DatastoreVersion } from '../../../openstack/trove/datastores.ts'
import type { VersionSeen } from '../../cloud-seen.ts'
import type { Collector } from '../collector.ts'
import { seeThroughApi } from '../see-through-api.ts'

/** Milliseconds, for a cloud that is asked for the first time in a while; who looks has less patience, or more. */
const DEADLINE = 120_000
/** Versions that are looked at; each costs Glance a question. */
const MOST = 40
const GIB = 1024 ** 3

/** Every datastore version with the image that Trove would boot, as Trove's and Glance's API show them. */
export function troveOfferCollector(cloud: Cloud): Collector<'trove'> {
  return {
    source: 'trove',
    deadline: DEADLINE,
    collect: (_target, { signal, partly }) =>
      seeThroughApi(DEADLINE, signal, async (patience) => {
        const { admin, project } = await cloud.session(patience)
        const all = (await datastores(cloud, patience)).flatMap((datastore) => datastore.versions.map((version) => ({ datastore, version })))
        if (!admin) partly(`Trove tells which image a version has to admins alone, and project ${project} is none: export OS_CLOUD=… of an admin`)
        const versions = admin ? await Promise.all(all.slice(0, MOST).map(({ datastore, version }) => versionSeen(cloud, datastore, version, patience))) : undefined
        return { from: 'api', login: { project, admin }, ...(versions === undefined ? {} : { versions }) }
      }),
  }
}

async function versionSeen(cloud: Cloud, datastore: Datastore, { id, name, active, image: named, image_tags }: DatastoreVersion, patience: Patience): Promise<VersionSeen> {
  const tags = (image_tags ?? []).filter((tag) => tag !== '')
  const imageId = named === '' || named === null ? undefined : named
  const found = imageId === undefined ? await newestWithTags(cloud, tags, patience) : await image(cloud, imageId, patience)
  return {
    id,
    datastore: datastore.name,
    version: name,
    // Trove 18 says 1, later ones true.
    active: active === true || active === 1,
    default: datastore.default_version === id,
    ...(imageId === undefined ? {} : { image_id: imageId }),
    tags,
    ...(found === undefined ? {} : { image: imageSeen(found) }),
  }
}

function imageSeen({ id, name, status, min_disk, min_ram, virtual_size }: Image): NonNullable<VersionSeen['image']> {
  return present({ id, name, status, disk: Math.max(min_disk ?? 0, Math.ceil((virtual_size ?? 0) / GIB)), ram: min_ram ?? 0 })
}
