// Glance's API, so far as one boots an image of it.
import { Type } from 'typebox'
import { answerOf, Maybe } from '../answer-of.ts'
import type { Cloud } from '../cloud.ts'
import type { Patience } from '../http/ask.ts'

const Image = Type.Object({
  id: Type.String(),
  name: Maybe(Type.String()),
  status: Type.String(),
  /** GiB. */
  min_disk: Maybe(Type.Number()),
  /** MiB. */
  min_ram: Maybe(Type.Number()),
  /** Bytes, as a disk; null in a Glance that does not look into what it is given. */
  virtual_size: Maybe(Type.Number()),
  /** Bytes, as a file. */
  size: Maybe(Type.Number()),
})
export type Image = Type.Static<typeof Image>

/** @returns undefined where this project sees none of that id @throws CloudError */
export async function image(cloud: Cloud, id: string, patience: Patience): Promise<Image | undefined> {
  const call = { service: 'image', path: `/images/${encodeURIComponent(id)}` } as const
  const answer = await cloud.call(call, patience)
  if (answer.status === 404) return undefined
  if (answer.status !== 200) throw cloud.refusal(call, answer)
  return answerOf(Image, answer.body, 'Glance')
}

/** The active image with all of these tags that was made last: the one that Trove takes (trove/common/glance.py). @throws CloudError */
export async function newestWithTags(cloud: Cloud, tags: readonly string[], patience: Patience): Promise<Image | undefined> {
  const query = new URLSearchParams([...tags.map((tag): [string, string] => ['tag', tag]), ['status', 'active'], ['sort', 'created_at:desc'], ['limit', '1']])
  return answerOf(Type.Object({ images: Type.Array(Image) }), await cloud.read({ service: 'image', path: `/images?${query}` }, patience), 'Glance').images[0]
}
