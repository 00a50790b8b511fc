import type { ImageChange, ImageRecord, NewImage } from '../../openstack/glance/image-records.ts'

/** The property that says which file a record was made for, before Glance has its data. */
export const CONTENT = 'trovestrap_sha512'

/** How an image has to stand in Glance. */
export interface WantedImage {
  readonly name: string
  readonly rename: boolean
  readonly format: 'qcow2' | 'raw' | 'aki' | 'ari'
  readonly minDisk: number
  readonly tags: readonly string[]
  readonly properties: Readonly<Record<string, string>>
  readonly visibility?: string
  readonly sha512: string
}

/** A record for its data. Without tags: by them Trove would take it while half of it is there. */
export function newImageOf({ name, format, minDisk, properties, visibility, sha512 }: WantedImage): NewImage {
  return { ...properties, [CONTENT]: sha512, name, disk_format: format, container_format: format === 'aki' || format === 'ari' ? format : 'bare', min_disk: minDisk, visibility: visibility ?? 'private' }
}

/** What is to be changed of a record; nothing that others put there is taken away. */
export function changesOf(record: ImageRecord, { name, rename, minDisk, tags, properties, visibility }: WantedImage): ImageChange[] {
  const missing = tags.filter((tag) => !record.tags.includes(tag))
  return [
    ...(rename && record.name !== name ? [{ op: 'replace', path: '/name', value: name } as const] : []),
    ...((record.min_disk ?? 0) < minDisk ? [{ op: 'replace', path: '/min_disk', value: minDisk } as const] : []),
    ...(visibility !== undefined && record.visibility !== visibility ? [{ op: 'replace', path: '/visibility', value: visibility } as const] : []),
    ...Object.entries(properties).flatMap(([key, value]): ImageChange[] => (record[key] === value ? [] : [{ op: Object.hasOwn(record, key) ? 'replace' : 'add', path: `/${key}`, value }])),
    ...(missing.length === 0 ? [] : [{ op: 'replace', path: '/tags', value: [...record.tags, ...missing] } as const]), // last: Trove takes the image from here on
  ]
}
