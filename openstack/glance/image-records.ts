// Glance's images as one makes and keeps them.
import { Type } from 'typebox'
import { answerOf, Maybe } from '../answer-of.ts'
import { CloudError } from '../cloud-error.ts'
import type { Cloud, CloudCall } from '../cloud.ts'
import type { Patience } from '../http/ask.ts'
import type { Body } from '../http/upload.ts'

const Words = Maybe(Type.String())

const ImageRecord = Type.Object({
  id: Type.String(),
  name: Words,
  /** `queued` has no data yet, `saving` is being uploaded (or was, when its Glance died), `active` can be booted, `deactivated` cannot. */
  status: Type.String(),
  owner: Words,
  visibility: Words,
  protected: Maybe(Type.Boolean()),
  tags: Type.Array(Type.String()),
  /** GiB. */
  min_disk: Maybe(Type.Number()),
  os_hash_algo: Words,
  /** Of the data that Glance has, in hex. */
  os_hash_value: Words,
  created_at: Type.String(),
  updated_at: Type.String(),
})
/** Its properties stand beside these, by their names. */
export type ImageRecord = Type.Static<typeof ImageRecord> & Readonly<Record<string, unknown>>

/** What a new record is made of; properties beside. */
export interface NewImage {
  readonly name: string
  readonly disk_format: string
  readonly container_format: string
  readonly visibility: string
  readonly min_disk: number
  readonly [property: string]: unknown
}

/** RFC 6902, so far as Glance takes it. */
export interface ImageChange {
  readonly op: 'add' | 'replace'
  /** `/tags`, `/visibility`, or a property's name behind a slash. */
  readonly path: string
  readonly value: unknown
}

/** Pages that are read at most. */
const PAGES = 50

/** All that this project sees and that have these values. @param where a tag, or a property */
export async function imageRecords(cloud: Cloud, where: readonly (readonly [string, string])[], patience: Patience): Promise<ImageRecord[]> {
  const Page = Type.Object({ images: Type.Array(ImageRecord), next: Words })
  const all: ImageRecord[] = []
  let path: string | undefined = `/images?${new URLSearchParams([...where.map(([key, value]): [string, string] => [key, value]), ['limit', '200']])}`
  for (let page = 0; path !== undefined && page < PAGES; page++) {
    const { images, next }: Type.Static<typeof Page> = answerOf(Page, await cloud.read({ service: 'image', path }, patience), 'Glance')
    all.push(...(images as ImageRecord[]))
    path = next?.replace(/^\/v2(?=\/)/, '')
  }
  return all
}

/** @throws CloudError, with status 404 where this project sees none */
export async function imageRecord(cloud: Cloud, id: string, patience: Patience): Promise<ImageRecord> {
  return answerOf(ImageRecord, await cloud.read({ service: 'image', path: pathOf(id) }, patience), 'Glance') as ImageRecord
}

/** Without data: `queued`. @throws CloudError, with status 413 where the project may have no more */
export async function createImageRecord(cloud: Cloud, image: NewImage, patience: Patience): Promise<ImageRecord> {
  return answerOf(ImageRecord, await cloud.read({ service: 'image', path: '/images', json: image }, patience), 'Glance') as ImageRecord
}

/** Gives a `queued` image its data. @throws CloudError, with status 409 where it is not queued, 410 where it was deleted meanwhile, 413 where there is no room */
export async function uploadImageData(cloud: Cloud, id: string, body: Body, patience: Patience): Promise<void> {
  await cloud.read({ service: 'image', method: 'PUT', path: `${pathOf(id)}/file`, body }, patience)
}

export async function changeImageRecord(cloud: Cloud, id: string, changes: readonly ImageChange[], patience: Patience): Promise<void> {
  const headers = { 'content-type': 'application/openstack-images-v2.1-json-patch' }
  await cloud.read({ service: 'image', method: 'PATCH', path: pathOf(id), headers, json: changes }, patience)
}

/** No new server is booted from it until it is `reactivate`d; those that run are not touched. */
export async function switchImage(cloud: Cloud, id: string, action: 'deactivate' | 'reactivate', patience: Patience): Promise<void> {
  await cloud.read({ service: 'image', method: 'POST', path: `${pathOf(id)}/actions/${action}` }, patience)
}

/** Record and data; one that is not there is no fault. */
export async function removeImageRecord(cloud: Cloud, id: string, patience: Patience): Promise<void> {
  const call: CloudCall = { service: 'image', method: 'DELETE', path: pathOf(id) }
  await cloud.read(call, patience).catch((error: unknown) => {
    if (!(error instanceof CloudError && error.status === 404)) throw error
  })
}

function pathOf(id: string): string {
  return `/images/${encodeURIComponent(id)}`
}
