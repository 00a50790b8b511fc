import { setTimeout as delay } from 'node:timers/promises'
import { CloudError } from '../../openstack/cloud-error.ts'
import type { Cloud } from '../../openstack/cloud.ts'
import type { Patience } from '../../openstack/http/ask.ts'
import { servers } from '../../openstack/nova.ts'
import { deleteInstance, resetForDeletion } from '../../openstack/trove/lifecycle.ts'
import { managedInstances, ownInstance, type TroveInstance } from '../../openstack/trove.ts'
import { Refusal } from '../refusal.ts'

/** Milliseconds between two looks. */
const PERIOD = 2_000
/** Milliseconds for one look. */
const LOOK = 20_000
/** Trove's task, in its words (trove/instance/tasks.py). */
const DELETING = 'Deleting the instance.'

/**
 * Asks Trove to delete an instance. One that is being deleted already is not asked for twice, except by force: then Trove begins anew.
 * @param patience by force it may have to last until Nova has made the server
 * @returns false when there was none
 * @throws Refusal that says what to type, CloudError
 */
export async function askForDeletion(cloud: Cloud, { id, name, status }: TroveInstance, force: boolean, patience: Patience): Promise<boolean> {
  if (status === 'SHUTDOWN' && !force && (await isBeingDeleted(cloud, id, patience))) return true
  // Trove would refuse it too, and then show that as the instance's fault, in the place of what is wrong with it.
  if (status === 'BUILD' && !force) throw new Refusal(`Trove deletes no instance that it is building, and ${name ?? id} is.\n  trovestrap delete ${id} --force      makes Trove forget what it was doing with it first`, 'failed')
  try {
    if (force) {
      await resetForDeletion(cloud, id, patience)
      await untilServerIsMade(cloud, id, patience)
    }
    return await deleteInstance(cloud, id, patience)
  } catch (error) {
    if (!(error instanceof CloudError)) throw error
    if (error.status === 404) return false
    const called = name ?? id
    // Something else is done to it.
    if (error.status === 422 && !force) throw new Refusal(`Trove does not delete ${called} as it is (${status ?? 'no status'}): ${error.message}\n  trovestrap delete ${id} --force      makes Trove forget what it was doing with it first`, 'failed', { cause: error })
    if (error.status === 422) throw new Refusal(`Trove takes ${called} for one that is being built, as long as Nova makes its server: ${error.message}\n  trovestrap delete ${id} --force      again, in a while`, 'failed', { cause: error })
    if (error.status === 403 && force) throw new Refusal(`--force is for who may reset the status of an instance, an admin unless Trove is configured otherwise: ${error.message}`, 'failed', { cause: error })
    throw error
  }
}

/**
 * SHUTDOWN is what Trove calls an instance that it is deleting, and one whose server is lost. Who is no admin is not told which; asking twice would
 * count the instance twice in his quota.
 */
async function isBeingDeleted(cloud: Cloud, id: string, patience: Patience): Promise<boolean> {
  if (!(await cloud.session(patience)).admin) return true
  const one = (await managedInstances(cloud, patience)).find((instance) => instance.id === id)
  return one?.task_description === DELETING
}

/** Once Trove has forgotten what it did, Nova's word counts: while the server is in BUILD, Trove takes the instance for one that is being built. */
async function untilServerIsMade(cloud: Cloud, id: string, patience: Patience): Promise<void> {
  while ((await ownInstance(cloud, id, patience))?.status === 'BUILD' && Date.now() + PERIOD < patience.until) await delay(PERIOD, undefined, { signal: patience.signal })
}

/** What is still there of an instance that is being deleted. */
export interface Remains {
  /** Of the instance; absent once Trove has it no more. */
  readonly trove?: string
  /** Of its server. */
  readonly nova?: string
}

/**
 * Waits until neither Trove nor Nova has it.
 * @param until host clock, milliseconds since 1970
 * @returns what is left when the time is over, or the signal came; empty when it is gone
 */
export async function untilGone(cloud: Cloud, { id, name }: TroveInstance, until: number, signal: AbortSignal, onLook: (remains: Remains) => void): Promise<Remains> {
  let remains: Remains = { trove: 'not asked yet' }
  for (;;) {
    // A busy cloud that does not answer this time is asked again.
    remains = await look(cloud, id, name ?? undefined).catch((error: unknown) => silent(error, remains))
    onLook(remains)
    if (remains.trove === undefined && remains.nova === undefined) return remains
    if (signal.aborted || Date.now() >= until) return remains
    await delay(PERIOD, undefined, { signal }).catch(() => {})
  }
}

function silent(error: unknown, before: Remains): Remains {
  if (error instanceof CloudError) return { ...before, trove: error.message }
  throw error
}

async function look(cloud: Cloud, id: string, name: string | undefined): Promise<Remains> {
  const patience = { signal: AbortSignal.timeout(LOOK), until: Date.now() + LOOK }
  const [one, server] = await Promise.all([ownInstance(cloud, id, patience), serverStatus(cloud, id, name, patience)])
  return { ...(one === undefined ? {} : { trove: one.status ?? 'there' }), ...(server === undefined ? {} : { nova: server }) }
}

/** A server that this user is not shown is looked for by whoever may; it is not waited for. */
async function serverStatus(cloud: Cloud, instance: string, name: string | undefined, patience: Patience): Promise<string | undefined> {
  const { admin } = await cloud.session(patience)
  try {
    const own = (await servers(cloud, { name, everybody: admin }, patience)).find(({ metadata }) => metadata?.['trove_instance_id'] === instance)
    return own === undefined ? undefined : [own.status, own['OS-EXT-STS:task_state']].filter((word) => word != null).join(', ')
  } catch (error) {
    if (error instanceof CloudError) return undefined
    throw error
  }
}
