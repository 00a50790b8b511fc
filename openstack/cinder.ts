// Cinder's API, so far as one takes away what Trove has made with it.
import { Type, type Static } from 'typebox'
import { answerOf } from './answer-of.ts'
import type { Cloud } from './cloud.ts'
import type { Patience } from './http/ask.ts'

const Volume = Type.Object({
  id: Type.String(),
  status: Type.String(),
  /** GiB. */
  size: Type.Number(),
})
export type Volume = Static<typeof Volume>

/** @param everybody of all projects; for an admin alone @throws CloudError */
export async function volumesCalled(cloud: Cloud, name: string, everybody: boolean, patience: Patience): Promise<Volume[]> {
  const query = new URLSearchParams({ name, ...(everybody ? { all_tenants: '1' } : {}) })
  return answerOf(Type.Object({ volumes: Type.Array(Volume) }), await cloud.read({ service: 'volumev3', path: `/volumes/detail?${query}` }, patience), 'Cinder').volumes
}

/** Begins it. @throws CloudError, with status 400 for one that is attached */
export async function deleteVolume(cloud: Cloud, id: string, patience: Patience): Promise<void> {
  await cloud.read({ service: 'volumev3', method: 'DELETE', path: `/volumes/${encodeURIComponent(id)}` }, patience)
}
