import type { Cloud } from '../../openstack/cloud.ts'
import { deleteVolume, volumesCalled } from '../../openstack/cinder.ts'
import type { Search } from './left-over.ts'

/** The data volume, where the catalogue has a Cinder; Trove names it after the instance. */
export function leftVolumes(cloud: Cloud, instance: string): Search {
  return async (patience) => {
    const { admin, catalogue } = await cloud.session(patience)
    if (!catalogue.some(({ type }) => type === 'volumev3')) return []
    return (await volumesCalled(cloud, `trove-${instance}`, admin, patience)).map(({ id, status, size }) => ({
      what: `volume ${id} (${size} GiB, ${status}: the data of the database)`,
      command: `openstack volume delete ${id}`,
      remove: (patience) => deleteVolume(cloud, id, patience),
    }))
  }
}
