import { CloudError } from '../../openstack/cloud-error.ts'
import type { Cloud } from '../../openstack/cloud.ts'
import type { Patience } from '../../openstack/http/ask.ts'
import { server, servers, type NovaServer } from '../../openstack/nova.ts'
import { CannotSee, type Collector, type Target } from './collector.ts'
import { serverSeen } from './nova/server-seen.ts'
import { seeThroughApi } from './see-through-api.ts'

// Trove is waited for first.
const DEADLINE = 8_000

/** The instance's server as Nova shows it: the one that Trove names, else the one whose metadata name the instance. */
export function novaCollector(cloud: Cloud): Collector<'nova'> {
  return {
    source: 'nova',
    deadline: DEADLINE,
    collect: (target, { signal, seenBy }) =>
      seeThroughApi(DEADLINE, signal, async (patience) => {
        // Logs in while Trove is looked at.
        const [{ admin, project }, trove] = await Promise.all([cloud.session(patience), seenBy('trove')])
        const id = trove?.instance?.compute_instance_id
        const found = id === undefined ? await search(cloud, target, admin, patience) : await byId(cloud, id, patience)
        if (found !== undefined) return { server: serverSeen(found) }
        if (admin) return {}
        throw new CannotSee(`Nova shows project ${project} no server ${id ?? 'of this instance'}; guests often live in another project: export OS_CLOUD=… of an admin`)
      }),
  }
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
async function search(cloud: Cloud, { instance, name }: Target, admin: boolean, patience: Patience): Promise<NovaServer | undefined> {
  const page = await servers(cloud, { name, everybody: admin }, patience)
  return page.find(({ metadata }) => metadata?.['trove_instance_id'] === instance)
}
