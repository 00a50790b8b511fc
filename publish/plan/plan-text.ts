import { printable } from '../../contract/printable.ts'
import type { ImageRecord } from '../../openstack/glance/image-records.ts'
import { sizeText } from '../transfer-text.ts'
import type { PublishWish } from '../wish.ts'
import { changesBefore, type Plan, type PlannedImage } from './plan.ts'

/** What is going to be done, one line each; none where nothing is left to do. */
export function planLines(plan: Plan, wish: PublishWish): string[] {
  const { datastore, version } = wish
  const called = `${datastore} ${version}`
  return [
    ...plan.images.flatMap(imageLines),
    ...(plan.create === undefined ? [] : [`make datastore version ${called} of it, manager ${plan.create.datastore_manager}, active`]),
    ...(plan.change === undefined ? [] : [changeLine(called, plan.change)]),
    ...(plan.makeDefault === undefined ? [] : [`make ${version} the default version of ${datastore}`]),
    ...(plan.rules === undefined ? [] : [`load the configuration parameters of ${called} from ${plan.rules} (trove-manage)`]),
    ...plan.deactivate.map((record) => `deactivate image ${shown(record)}, which this one replaces`),
    ...(plan.bind === undefined ? [] : [`bind bootstrap token ${plan.bind} to the image: it enrols instances of no other`]),
  ].map(printable)
}

/** What stays as it is although it might be expected to change, one line each. */
export function keptLines({ kept, bound }: Plan): string[] {
  return [
    ...kept.map(({ record, because }) => `image ${shown(record)}, which this one replaces, stays active: ${because}`),
    ...(bound === undefined ? [] : [`bootstrap token ${bound.token} stays bound to image ${bound.image}: trovestrap token bind changes that`]),
  ].map(printable)
}

function imageLines(image: PlannedImage): string[] {
  const { role, there, remove, file, wanted } = image
  const changes = changesBefore(image).map(({ path, value }) => `${path.slice(1)} ${Array.isArray(value) ? value.join(', ') : value}`)
  const what = role === 'image' ? 'image' : role
  return [
    ...remove.map((record) => `remove ${what} ${shown(record)}, in which an earlier upload was cut (${record.status})`),
    ...(there === undefined ? [uploadLine(what, image)] : []),
    ...(there?.status === 'deactivated' ? [`reactivate ${what} ${shown(there)}: it is the same as ${file.path}`] : []),
    ...(there !== undefined && changes.length > 0 ? [`change ${what} ${shown(there)}: ${changes.join(', ')}`] : []),
    ...(there === undefined && wanted.tags.length > 0 ? [`tag it ${wanted.tags.join(', ')} once it is whole`] : []),
  ]
}

function uploadLine(what: string, { file, into, wanted }: PlannedImage): string {
  const properties = Object.entries(wanted.properties).map(([key, value]) => `, ${key}=${value}`).join('')
  const minimum = wanted.minDisk === 0 ? '' : `, min_disk ${wanted.minDisk} GiB`
  const where = into === undefined ? `as ${what} "${wanted.name}"` : `into ${what} ${shown(into)}, which an earlier run left without data`
  return `upload ${file.path} (${sizeText(file.bytes)}) ${where}: ${wanted.format}, ${wanted.visibility ?? 'private'}${minimum}${properties}`
}

function changeLine(called: string, { version, image, rest }: NonNullable<Plan['change']>): string {
  const parts = [
    ...(image ? [version.image ? `its image in place of ${version.image}` : 'its image, by id'] : []),
    ...(rest.active === true ? ['active'] : []),
    ...(rest.datastore_manager === undefined ? [] : [`manager ${rest.datastore_manager}`]),
  ]
  return `change datastore version ${called} (${version.id}): ${parts.join(', ')}`
}

function shown({ id, name }: ImageRecord): string {
  return `${id} (${name ?? 'without a name'})`
}
