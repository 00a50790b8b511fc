import { CloudError } from '../../openstack/cloud-error.ts'
import type { Cloud } from '../../openstack/cloud.ts'
import { Instances } from '../../openstack/instances.ts'
import { ownInstance } from '../../openstack/trove.ts'
import { CannotSee, type Collector } from './collector.ts'
import { seeThroughApi } from './see-through-api.ts'
import { instanceSeen } from './trove-api/instance-seen.ts'

const DEADLINE = 6_000

/** The instance as Trove's API shows it: all of it to an admin, and to others what their project has. */
export function troveApiCollector(cloud: Cloud): Collector<'trove'> {
  const instances = new Instances(cloud)
  return {
    source: 'trove',
    deadline: DEADLINE,
    collect: ({ instance: id }, { signal, partly }) =>
      seeThroughApi(DEADLINE, signal, async (patience) => {
        const { admin, project } = await cloud.session(patience)
        const managed = admin ? await instances.find(id, patience).catch(refused) : REFUSED
        if (managed !== REFUSED) return instanceSeen(managed)
        const own = await ownInstance(cloud, id, patience)
        if (own === undefined) throw new CannotSee(`Trove shows project ${project} no instance ${id}; it may be another project's: export OS_CLOUD=… of an admin`)
        partly('Trove shows task and server to admins alone')
        return instanceSeen(own)
      }),
  }
}

const REFUSED = Symbol('refused')

/** Trove says 401 where others say 403. */
function refused(error: unknown): typeof REFUSED {
  if (error instanceof CloudError && (error.status === 401 || error.status === 403)) return REFUSED
  throw error
}
