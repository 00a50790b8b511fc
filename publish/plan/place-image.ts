import type { ImageRecord } from '../../openstack/glance/image-records.ts'
import { CONTENT, type WantedImage } from './image-changes.ts'

/** Where a file's data goes, or is already. */
export interface Place {
  /** Glance has these bytes under this record. */
  readonly there?: ImageRecord
  /** A record of an earlier run that has no data yet. */
  readonly into?: ImageRecord
  /** Records of earlier runs that can take no data any more: half an upload is in them. */
  readonly remove: readonly ImageRecord[]
}

/** @param records of this project that may be of this file */
export function placeOf({ sha512, format }: WantedImage, records: readonly ImageRecord[]): Place {
  const whole = records.filter((record) => hasBytes(record, sha512) && record['disk_format'] === format)
  const ours = records.filter((record) => record[CONTENT] === sha512 && !whole.includes(record))
  const there = whole.find(({ status }) => status === 'active') ?? whole[0]
  const into = there === undefined ? ours.find(({ status }) => status === 'queued') : undefined
  return { ...(there ? { there } : {}), ...(into ? { into } : {}), remove: ours.filter((record) => record !== into) }
}

/** Where Glance does not tell this digest, our own word counts: what Glance tells was compared when it was sent. */
function hasBytes(record: ImageRecord, sha512: string): boolean {
  const { status, os_hash_algo: algorithm, os_hash_value: value } = record
  if (status !== 'active' && status !== 'deactivated') return false
  return algorithm === 'sha512' ? value === sha512 : record[CONTENT] === sha512
}
