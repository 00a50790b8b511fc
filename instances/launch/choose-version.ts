import { printable } from '../../contract/printable.ts'
import type { Datastore, DatastoreVersion } from '../../openstack/trove/datastores.ts'
import { Refusal } from '../refusal.ts'
import { theOne } from './the-one.ts'
import type { LaunchWish } from './wish.ts'

/** What is going to run. */
export interface Chosen {
  readonly datastore: Datastore
  readonly version: DatastoreVersion
}

/** @param all as Trove lists them; to who is no admin, without the inactive versions @throws Refusal */
export function chooseVersion(all: readonly Datastore[], wish: Pick<LaunchWish, 'datastore' | 'version'>): Chosen {
  const datastore = theOne('datastore', wish.datastore, all)
  const version = wish.version === undefined ? defaultOf(datastore) : theOne(`version of ${printable(datastore.name)}`, wish.version, datastore.versions, ({ name, version }) => [name, version])
  if (version.active === false || version.active === 0) {
    throw new Refusal(`${versionName({ datastore, version })} is not active: Trove makes no instance of it.\n  openstack datastore version set ${version.id} --enable`)
  }
  return { datastore, version }
}

/** For people: `mysql 8.0`. */
export function versionName({ datastore, version }: Chosen): string {
  return printable(`${datastore.name} ${version.name}`)
}

function defaultOf({ name, default_version: id, versions }: Datastore): DatastoreVersion {
  const chosen = versions.find((version) => version.id === id) ?? (versions.length === 1 ? versions[0] : undefined)
  if (chosen !== undefined) return chosen
  throw new Refusal(`${printable(name)} has no default version; it has ${versions.map((version) => printable(version.name)).join(', ') || 'none'}.\n  --version VERSION      says which`)
}
