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
        const managed = admin ? await asAdmin(cloud, id, patience).catch(refused) : REFUSED
        if (managed !== REFUSED) return instanceSeen(managed)
        const own = await ownInstance(cloud, id, patience)
        if (own === undefined) throw new CannotSee(`Trove shows project ${project} no instance ${id}; it may be another project's: export OS_CLOUD=… of an admin`)
        partly('Trove shows task and server to admins alone')
        return instanceSeen(own)
      }),
  }
}

/** @returns undefined when Trove has no such instance */
async function asAdmin(cloud: Cloud, id: string, patience: Patience): Promise<TroveInstance | undefined> {
  const one = managedInstance(cloud, id, patience).catch(absent)
  const prompt = await Promise.race([one.then(() => true, () => true), delay(PROMPT, false, { signal: patience.signal })])
  if (prompt) return await one
  // Of an instance that is not building Trove asks its agent first, and waits 15 s for one that is not there. Its list asks nobody.
  return await Promise.any([one, listedInstance(cloud, id, patience)]).catch(() => one)
}

function absent(error: unknown): undefined {
  if (!(error instanceof CloudError && error.status === 404)) throw error
}

const REFUSED = Symbol('refused')

/** Trove says 401 where others say 403. */
function refused(error: unknown): typeof REFUSED {
  if (error instanceof CloudError && (error.status === 401 || error.status === 403)) return REFUSED
  throw error
}
