import { INSTANCE_ID } from '../contract/credential.ts'
import { printable } from '../contract/printable.ts'
import type { Cloud } from '../openstack/cloud.ts'
import type { Patience } from '../openstack/http/ask.ts'
import { managedInstances, ownInstance, ownInstances, type TroveInstance } from '../openstack/trove.ts'
import { Refusal } from './refusal.ts'

const SHOWN = 5
/** As `status` shows it. Less may be a name: once `db` is gone, `db` must not be the beginning of another one's id. */
const BEGINNING = /^[0-9a-f]{8}[0-9a-f-]*$/

/**
 * The one instance that is meant, as the project that is logged in has it.
 * @param words its id, the beginning of its id (8 digits at least), or its name
 * @throws Refusal when it fits none or several, or one of another project
 * @throws CloudError
 */
export async function findInstance(cloud: Cloud, words: string, patience: Patience): Promise<TroveInstance> {
  if (words.trim() === '') throw new Refusal('expected the id or the name of an instance, got an empty word')
  const fitting = await fittingInstances(cloud, words, patience)
  if (fitting.length === 1) return fitting[0]!
  if (fitting.length > 1) throw new Refusal(`${printable(words)} fits ${fitting.length} instances: ${named(fitting)}.\n  Type more of the id.`)
  throw await unknown(cloud, words, patience)
}

/** Of the project that is logged in. @throws CloudError */
export async function fittingInstances(cloud: Cloud, words: string, patience: Patience): Promise<TroveInstance[]> {
  const id = words.toLowerCase()
  if (INSTANCE_ID.test(id)) {
    const one = await ownInstance(cloud, id, patience)
    return one === undefined ? [] : [one]
  }
  return (await ownInstances(cloud, patience)).filter(fits(words))
}

/**
 * The one that was deleted last, of all projects, where none that lives fits. Trove remembers the deleted, and names are used again.
 * @returns undefined where there is none, and for who is no admin
 * @throws CloudError
 */
export async function deletedInstance(cloud: Cloud, words: string, patience: Patience): Promise<TroveInstance | undefined> {
  if (!(await cloud.session(patience)).admin) return undefined
  const everywhere = (await managedInstances(cloud, patience)).filter(fits(words))
  if (everywhere.some(({ deleted }) => deleted !== true)) return undefined
  return everywhere.sort((a, b) => (b.updated ?? '').localeCompare(a.updated ?? ''))[0]
}

/** An admin is told whose it is, or that it was deleted; to others Trove shows neither. */
async function unknown(cloud: Cloud, words: string, patience: Patience): Promise<Refusal> {
  const { project, admin } = await cloud.session(patience)
  const called = `project ${project} has no instance called ${printable(words)}, and none whose id begins so${/^[0-9a-f]{1,7}$/i.test(words) ? ' (8 digits are the least)' : ''}`
  if (!admin) return new Refusal(`${called}; it may be another project's.\n  openstack database instance list      lists those of this project`, 'failed')
  const everywhere = (await managedInstances(cloud, patience)).filter(fits(words))
  const living = everywhere.filter(({ deleted }) => deleted !== true)
  const [one] = living
  if (one !== undefined) return new Refusal(`${named(living)} is of project ${living.map(({ tenant_id }) => tenant_id ?? '?').join(', ')}, and project ${project} is logged in.\n  --os-cloud NAME      of clouds.yaml, where NAME logs in to that project`)
  if (everywhere.length > 0) return new Refusal(`${named(everywhere)} ${everywhere.length === 1 ? 'is' : 'are'} deleted.`, 'failed')
  return new Refusal(`${called}.\n  openstack database instance list      lists those of this project`, 'failed')
}

function fits(words: string): (instance: TroveInstance) => boolean {
  const beginning = words.toLowerCase()
  return ({ id, name }) => name === words || (BEGINNING.test(beginning) && id.startsWith(beginning))
}

function named(instances: readonly TroveInstance[]): string {
  const shown = instances.slice(0, SHOWN).map(({ id, name }) => `${id}${name == null ? '' : ` (${printable(name)})`}`)
  return instances.length > SHOWN ? `${shown.join(', ')} …` : shown.join(', ')
}
