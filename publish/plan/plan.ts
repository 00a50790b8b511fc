import type { ImageRecord } from '../../openstack/glance/image-records.ts'
import type { ManagedVersion, NewVersion, VersionChange } from '../../openstack/trove/datastore-versions.ts'
import { changesOf, type WantedImage } from './image-changes.ts'
import { placeOf, type Place } from './place-image.ts'
import { meantOf, planVersion, versionsNamed } from './plan-version.ts'
import { minDisk, type ImageFile, type PublishWish } from '../wish.ts'

export type Role = 'kernel' | 'initrd' | 'image'

/** What is known of the cloud before anything is done. */
export interface Seen {
  /** Of this project: those that may be of our files, and those that have our tags. */
  readonly records: readonly ImageRecord[]
  readonly versions: readonly ManagedVersion[]
  /** Whether Trove's API makes versions; trove-manage does where it does not. */
  readonly api: boolean
  /** Names of the configuration parameters that the version has. */
  readonly parameters: readonly string[]
  /** Names of those that it should have, and the file that says so. */
  readonly rules?: { readonly file: string; readonly names: readonly string[] }
  /** The image's bootstrap token, and what it is bound to. */
  readonly token?: { readonly id: string; readonly image?: string }
}

/** One file of ours and its place in Glance. */
export interface PlannedImage extends Place {
  readonly role: Role
  readonly file: ImageFile
  readonly wanted: WantedImage
}

export interface Plan {
  readonly images: readonly PlannedImage[]
  readonly create?: Omit<NewVersion, 'image'>
  /** Its image is named where that changes. */
  readonly change?: { readonly version: ManagedVersion; readonly image: boolean; readonly rest: VersionChange }
  /** `trove-manage` where the API would not know which version is meant. */
  readonly makeDefault?: 'api' | 'trove-manage'
  readonly api: boolean
  /** Of the database: the version's number, which may be another than its name. */
  readonly number: string
  /** The file with the configuration parameters that are to be loaded. */
  readonly rules?: string
  readonly deactivate: readonly ImageRecord[]
  /** Older ones that stay, and why. */
  readonly kept: readonly { readonly record: ImageRecord; readonly because: string }[]
  readonly bind?: string
  /** A token that stays with the image that it is bound to. */
  readonly bound?: { readonly token: string; readonly image: string }
}

/** Everything that is to be done, and nothing that is so already. Pure. @throws Refusal when what was asked for does not fit what is there */
export function planPublication(wish: PublishWish, seen: Seen): Plan {
  const images = planImages(wish, seen)
  const image = images.at(-1)!.there
  const version = planVersion(wish, seen, image?.id)
  const missing = seen.rules?.names.some((name) => !seen.parameters.includes(name)) === true
  return {
    images,
    ...version,
    api: seen.api,
    ...(missing ? { rules: seen.rules!.file } : {}),
    ...planOlder(wish, seen, image?.id),
    ...planToken(seen, image?.id),
  }
}

/** Instances of the image that it is bound to would no longer be let in. */
function planToken({ token, records }: Seen, image: string | undefined): Pick<Plan, 'bind' | 'bound'> {
  if (token === undefined || (image !== undefined && token.image === image)) return {}
  if (token.image !== undefined && records.some(({ id }) => id === token.image)) return { bound: { token: token.id, image: token.image } }
  return { bind: token.id }
}

/** Whether anything about the record itself is to be changed, as far as that is known before the upload of others. */
export function changesBefore({ there, into, wanted }: PlannedImage): ReturnType<typeof changesOf> {
  const record = there ?? into
  return record === undefined ? [] : changesOf(record, wanted)
}

/** Kernel and initrd first: the image names them. */
function planImages(wish: PublishWish, { records }: Seen): PlannedImage[] {
  const common = { rename: wish.rename, ...(wish.visibility === undefined ? {} : { visibility: wish.visibility }) }
  const planned = (role: Role, file: ImageFile, own: Omit<WantedImage, 'rename' | 'visibility' | 'sha512'>): PlannedImage => {
    const wanted = { ...common, ...own, sha512: file.sha512 }
    return { role, file, wanted, ...placeOf(wanted, records) }
  }
  const bare = { minDisk: 0, tags: [], properties: {} }
  const { image, kernel, initrd, name, tags, commandLine } = wish
  const below = [
    ...(kernel === undefined ? [] : [planned('kernel', kernel, { ...bare, name: `${name}-kernel`, format: 'aki' })]),
    ...(initrd === undefined ? [] : [planned('initrd', initrd, { ...bare, name: `${name}-initrd`, format: 'ari' })]),
  ]
  const ids = Object.fromEntries(below.map(({ role, there, into }) => [role, there?.id ?? into?.id ?? `the new ${role}`]))
  const properties = { ...wish.properties, ...(commandLine === undefined ? {} : { os_command_line: commandLine }) }
  return [...below, withIds(planned('image', image, { name, format: image.format, minDisk: minDisk(image), tags, properties }), ids)]
}

/** The same, naming kernel and initrd. */
export function withIds(image: PlannedImage, { kernel, initrd }: Readonly<Partial<Record<Role, string>>>): PlannedImage {
  const properties = { ...image.wanted.properties, ...(kernel === undefined ? {} : { kernel_id: kernel }), ...(initrd === undefined ? {} : { ramdisk_id: initrd }) }
  return { ...image, wanted: { ...image.wanted, properties } }
}

/** Older images are those that Trove would take by the same tags, and the one that the version had. */
function planOlder(wish: PublishWish, { records, versions }: Seen, image: string | undefined): Pick<Plan, 'deactivate' | 'kept'> {
  const target = meantOf(versionsNamed(versions, wish), wish)
  const replaced = records.filter((record) => record.id !== image && record.status === 'active' && (record.id === target?.image || wish.tags.every((tag) => record.tags.includes(tag))))
  const userOf = ({ id }: ImageRecord) => versions.find((each) => each !== target && each.image === id)
  const free = replaced.filter((record) => userOf(record) === undefined)
  if (wish.older === 'keep') return { deactivate: [], kept: free.map((record) => ({ record, because: '--older deactivate would deactivate it' })) }
  const used = replaced.flatMap((record) => {
    const user = userOf(record)
    return user === undefined ? [] : [{ record, because: `datastore version ${user.datastore_name} ${user.name} has it` }]
  })
  return { deactivate: free, kept: used }
}
