import type { ManagedVersion } from '../../openstack/trove/datastore-versions.ts'
import { Refusal } from '../refusal.ts'
import { MANAGERS, type PublishWish } from '../wish.ts'
import type { Plan, Seen } from './plan.ts'

/**
 * What is to be done to the datastore version.
 * @param image Glance's id of the image, where it is there already
 */
export function planVersion(wish: PublishWish, { versions, api }: Seen, image: string | undefined): Pick<Plan, 'create' | 'change' | 'makeDefault' | 'number'> {
  const { datastore, version: name, manager, makeDefault } = wish
  const named = versionsNamed(versions, wish)
  const there = meantOf(named, wish)
  // Trove looks the default up by its name: where two have it, only the id that trove-manage takes will do.
  const way = !api || named.length > 1 ? 'trove-manage' : 'api'
  if (there === undefined) {
    const create = { datastore_name: datastore, name, version: name, datastore_manager: manager ?? guessed(datastore), active: true } as const
    return { create, number: name, ...(makeDefault ? { makeDefault: way } : {}) }
  }
  const rest = {
    ...(manager !== undefined && there.datastore_manager !== manager ? { datastore_manager: manager } : {}),
    ...(there.active ? {} : { active: true }),
  }
  const newImage = image === undefined || there.image !== image
  return {
    number: there.version ?? name,
    ...(newImage || Object.keys(rest).length > 0 ? { change: { version: there, image: newImage, rest } } : {}),
    ...(makeDefault && there.default !== true ? { makeDefault: way } : {}),
  }
}

/** Trove lets several have one name, with numbers of their own. */
export function versionsNamed<V extends Pick<ManagedVersion, 'datastore_name' | 'name'>>(versions: readonly V[], { datastore, version }: Pick<PublishWish, 'datastore' | 'version'>): V[] {
  return versions.filter((each) => each.datastore_name === datastore && each.name === version)
}

/** Of those of one name, the one whose number is that name too. */
export function meantOf<V extends Pick<ManagedVersion, 'version'>>(named: readonly V[], { version }: Pick<PublishWish, 'version'>): V | undefined {
  return named.find((each) => each.version === version) ?? named[0]
}

function guessed(datastore: string): string {
  if (MANAGERS.includes(datastore)) return datastore
  throw new Refusal(`datastore ${datastore} is new, and its name is none of a manager's.\n  --manager ${MANAGERS.join('|')}      says who manages its databases`)
}
