import type { Cause, Found, Step } from '../cause.ts'
import type { VersionSeen } from '../cloud-seen.ts'
import { safeWord } from './safe-word.ts'

/** N10 */
export const datastoreVersion: Cause = {
  id: 'N10',
  name: 'datastore-version-unusable',
  title: "the image of an active datastore version is not there or not active, or no version is active at all",
  phase: 'control-plane',
  shows: 'an instance is refused at once ("Datastore version … cannot be used"), or its server is never made; `trovestrap doctor` names the version',
  needs: ['trove'],
  mend: 'trovestrap image publish; openstack image set --activate IMAGE',
  find({ evidence: { trove } }) {
    const versions = trove?.versions
    if (versions === undefined) return undefined
    const active = versions.filter((version) => version.active)
    if (active.length === 0) return { what: versions.length === 0 ? 'Trove has no datastore version' : 'no datastore version is active', proof: versions.length === 0 ? [{ source: 'trove', where: 'datastores', text: 'no version' }] : versions.slice(0, 3).map(state), mend: [activated(versions), PUBLISH].filter((step) => step !== undefined) }
    const unusable = active.filter(({ image }) => image?.status !== 'active')
    return unusable.length === 0 ? undefined : { what: unusable.map(why).join('; '), proof: unusable.slice(0, 3).map(state), mend: unusable.flatMap(mend) }
  },
}

const PUBLISH: Step = { on: 'cloud', say: 'trovestrap image publish IMAGE.qcow2 --datastore DATASTORE --version VERSION uploads an image and names it' }

function why({ datastore, version, image, image_id, tags }: VersionSeen): string {
  if (image !== undefined) return `the image of ${datastore} ${version} is ${image.status}`
  return image_id === undefined ? `no image has the tags ${tags.join(', ')} of ${datastore} ${version}` : `the image of ${datastore} ${version} does not exist`
}

function state({ datastore, version, active, image, image_id, tags }: VersionSeen): Found['proof'][number] {
  const named = image_id === undefined ? `tags ${tags.join(', ')}` : `image ${image_id}`
  return { source: 'trove', where: `${datastore} ${version}`, text: active ? `${named}: ${image?.status ?? 'not in Glance'}` : 'not active' }
}

function activated(versions: readonly VersionSeen[]): Step | undefined {
  const id = safeWord(versions.find(({ image }) => image?.status === 'active')?.id)
  return id === undefined ? undefined : { on: 'cloud', run: `openstack datastore version set ${id} --enable` }
}

function mend({ datastore, version, image }: VersionSeen): Step[] {
  const [id, name, number] = [image?.id, datastore, version].map(safeWord)
  if (image?.status === 'deactivated' && id !== undefined) return [{ on: 'cloud', run: `openstack image set --activate ${id}` }]
  return [name === undefined || number === undefined ? PUBLISH : { on: 'cloud', say: `trovestrap image publish IMAGE.qcow2 --datastore ${name} --version ${number} uploads one` }]
}
