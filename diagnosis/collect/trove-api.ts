import { setTimeout as delay } from 'node:timers/promises'
import { CloudError } from '../../openstack/cloud-error.ts'
import type { Cloud } from '../../openstack/cloud.ts'
import type { Patience } from '../../openstack/http/ask.ts'
import { listedInstance, managedInstance, ownInstance, type TroveInstance } from '../../openstack/trove.ts'
import { CannotSee, type Collector } from './collector.ts'
import { seeThroughApi } from './see-through-api.ts'
import { instanceSeen } from './trove-api/instance-seen.ts'

const DEADLINE = 6_000

/** Milliseconds that Trove may take for one instance before its list is asked as well. */
const PROMPT = 1_000

/** The instance as Trove's API shows it: all of it to an admin, and to others what their project has. */
export function troveApiCollector(cloud: Cloud): Collector<'trove'> {
  return {
    source: 'trove',
    deadline: DEADLINE,
    collect: ({ instance: id }, { signal, partly }) =>
      seeThroughApi(DEADLINE, signal, async (patience) => {
        const { admin, project } = await cloud.session(patience)
        const instance = await asAdmin(cloud, id, patience).catch((error: unknown) => {
          if (error instanceof CloudError && error.status === 403) return 'not allowed' as const
          throw error
        })
        if (instance !== 'not allowed') return instanceSeen(instance)
        if (!admin) partly('Trove shows task and server to admins alone')
        const own = await ownInstance(cloud, id, patience)
        if (own === undefined) throw new CannotSee(`Trove shows project ${project} no instance ${id}; it may be another project's: export OS_CLOUD=… of an admin`)
        return instanceSeen(own)
      }),
  }
}

/** @returns undefined when Trove has no such instance @throws CloudError with status 403 for who is no admin */
async function asAdmin(cloud: Cloud, id: string, patience: Patience): Promise<TroveInstance | undefined> {
  const one = managedInstance(cloud, id, patience).catch((error: unknown) => {
    if (error instanceof CloudError && error.status === 404) return undefined
    throw error
  })
  const prompt = await Promise.race([one.then(() => true, () => true), delay(PROMPT, false, { signal: patience.signal })])
  if (prompt) return await one
  // Of an instance that is not building Trove asks its agent first, and waits 15 s for one that is not there. Its list asks nobody.
  return await Promise.any([one, listedInstance(cloud, id, patience)]).catch(() => one)
}
