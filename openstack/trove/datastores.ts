// Datastores, their versions, and which flavors a version takes (trove/datastore/views.py, trove/flavor/views.py).
import { Type } from 'typebox'
import { answerOf, Maybe } from '../answer-of.ts'
import type { Cloud } from '../cloud.ts'
import type { Patience } from '../http/ask.ts'

const Words = Maybe(Type.String())

const DatastoreVersion = Type.Object({
  id: Type.String(),
  name: Type.String(),
  /** The version's number, where that is not its name. */
  version: Words,
  /** For an admin alone, from here on: others are shown the active ones only. */
  active: Maybe(Type.Union([Type.Boolean(), Type.Number()])),
  image: Words,
  image_tags: Maybe(Type.Array(Type.String())),
})
export type DatastoreVersion = Type.Static<typeof DatastoreVersion>

const Datastore = Type.Object({ id: Type.String(), name: Type.String(), default_version: Words, versions: Type.Array(DatastoreVersion) })
export type Datastore = Type.Static<typeof Datastore>

const Flavor = Type.Object({
  /** As Nova has it; `id` is a number or nothing. */
  str_id: Type.String(),
  name: Type.String(),
  /** MiB. */
  ram: Type.Number(),
  vcpus: Type.Number(),
  /** GiB; 0: as large as the image. */
  disk: Type.Number(),
  /** GiB. */
  ephemeral: Maybe(Type.Number()),
})
export type Flavor = Type.Static<typeof Flavor>

/** All with their versions. @throws CloudError */
export async function datastores(cloud: Cloud, patience: Patience): Promise<Datastore[]> {
  return answerOf(Type.Object({ datastores: Type.Array(Datastore) }), await cloud.read({ service: 'database', path: '/datastores' }, patience), 'Trove').datastores
}

/** Nova's flavors as Trove sees them. @param only those that this version takes @throws CloudError */
export async function flavors(cloud: Cloud, patience: Patience, only?: { datastore: string; version: string }): Promise<Flavor[]> {
  const path = only === undefined ? '/flavors' : `/datastores/${encodeURIComponent(only.datastore)}/versions/${encodeURIComponent(only.version)}/flavors`
  return answerOf(Type.Object({ flavors: Type.Array(Flavor) }), await cloud.read({ service: 'database', path }, patience), 'Trove').flavors
}
