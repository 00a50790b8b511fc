import { CloudError } from '../../openstack/cloud-error.ts'
import type { Cloud } from '../../openstack/cloud.ts'
import type { Patience } from '../../openstack/http/ask.ts'
import { server, servers, type NovaServer } from '../../openstack/nova.ts'
import type { TroveSeen } from '../evidence.ts'
import { CannotSee, type Collector, type Target } from './collector.ts'
import { serverSeen } from './nova/server-seen.ts'
import { seeThroughApi } from './see-through-api.ts'

// Trove may have to be waited for.
const DEADLINE = 8_000

/** The instance's server as Nova shows it: the one that Trove names, else the one whose metadata name the instance. */
export function novaCollector(cloud: Cloud): Collector<'nova'> {
  return {
    source: 'nova',
    deadline: DEADLINE,
    collect: (target, { signal, seenBy }) =>
      seeThroughApi(DEADLINE, signal, async (patience) => {
        const { admin, project } = await cloud.session(patience)
        const found = await find(cloud, target, admin, () => seenBy('trove'), patience)
        if (found !== undefined) return { server: serverSeen(found) }
        if (admin) return {}
        throw new CannotSee(`Nova shows project ${project} no server of this instance; guests often live in another project: export OS_CLOUD=… of an admin`)
      }),
  }
}

/** By the name where there is one, without waiting for Trove; else by the id that Trove has; else among all. */
async function find(cloud: Cloud, { instance, name }: Target, everybody: boolean, trove: () => Promise<TroveSeen | undefined>, patience: Patience): Promise<NovaServer | undefined> {
  const ofName = name === undefined ? undefined : await search(cloud, instance, { name, everybody }, patience)
  if (ofName !== undefined) return ofName
  const known = (await trove())?.instance
  if (known?.compute_instance_id !== undefined) return await byId(cloud, known.compute_instance_id, patience)
  return known?.name !== undefined && known.name === name ? undefined : await search(cloud, instance, { name: known?.name, everybody }, patience)
}

async function byId(cloud: Cloud, id: string, patience: Patience): Promise<NovaServer | undefined> {
  try {
    return await server(cloud, id, patience)
  } catch (error) {
    if (error instanceof CloudError && error.status === 404) return undefined
    throw error
  }
}

/** Trove gives the server the instance's name, which others may have too, and its id in the metadata. */
async function search(cloud: Cloud, instance: string, which: { name?: string | undefined; everybody: boolean }, patience: Patience): Promise<NovaServer | undefined> {
  return (await servers(cloud, which, patience)).find(({ metadata }) => metadata?.['trove_instance_id'] === instance)
}
