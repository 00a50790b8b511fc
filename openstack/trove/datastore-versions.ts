// Datastore versions as an operator makes them (trove/extensions/mgmt/datastores/service.py).
import { Type } from 'typebox'
import { answerOf, Maybe } from '../answer-of.ts'
import type { Cloud } from '../cloud.ts'
import type { Patience } from '../http/ask.ts'

const Words = Maybe(Type.String())

const ManagedVersion = Type.Object({
  id: Type.String(),
  name: Type.String(),
  /** The database's version: since Victoria also the tag of the container image. Its name where a release has none. */
  version: Words,
  datastore_name: Type.String(),
  datastore_manager: Words,
  /** Empty where Trove finds the image by its tags. */
  image: Words,
  image_tags: Maybe(Type.Array(Type.String())),
  active: Type.Boolean(),
  /** Of its datastore. */
  default: Maybe(Type.Boolean()),
})
export type ManagedVersion = Type.Static<typeof ManagedVersion>

/** What a version is made of. */
export interface NewVersion {
  readonly datastore_name: string
  readonly name: string
  readonly version: string
  readonly datastore_manager: string
  /** Glance's id. */
  readonly image: string
  readonly active: true
}

/** What may be changed of a version. */
export interface VersionChange {
  readonly datastore_manager?: string
  readonly image?: string
  readonly active?: boolean
  /** Trove finds the version by its name then: it must be the only one of that name in its datastore. */
  readonly default?: boolean
}

/**
 * All, also the inactive.
 * @returns undefined where this Trove has no such call
 * @throws CloudError, with status 401 or 403 for who is no admin
 */
export async function managedVersions(cloud: Cloud, patience: Patience): Promise<ManagedVersion[] | undefined> {
  const call = { service: 'database', path: '/mgmt/datastore-versions' } as const
  const answer = await cloud.call(call, patience)
  if (answer.status === 404) return undefined
  if (answer.status !== 200) throw cloud.refusal(call, answer)
  return answerOf(Type.Object({ versions: Type.Array(ManagedVersion) }), answer.body, 'Trove').versions
}

/**
 * Makes the datastore too, where there is none. Without a list of packages trove-taskmanager would break off before it has its instances prepared:
 * it splits what is not there (trove/guestagent/api.py, prepare).
 * @throws CloudError, with status 400 where the image is not there
 */
export async function createVersion(cloud: Cloud, version: NewVersion, patience: Patience): Promise<void> {
  await cloud.read({ service: 'database', path: '/mgmt/datastore-versions', json: { version: { ...version, packages: [] } } }, patience)
}

export async function changeVersion(cloud: Cloud, id: string, change: VersionChange, patience: Patience): Promise<void> {
  await cloud.read({ service: 'database', method: 'PATCH', path: `/mgmt/datastore-versions/${encodeURIComponent(id)}`, json: change }, patience)
}
