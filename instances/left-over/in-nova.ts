import type { Cloud } from '../../openstack/cloud.ts'
import type { Patience } from '../../openstack/http/ask.ts'
import { deleteServer, servers, type NovaServer } from '../../openstack/nova.ts'
import type { Search } from './left-over.ts'

/** Servers of an instance: Trove gives up waiting for one that Nova does not delete. @param name of the instance, where it is known */
export function leftInNova(cloud: Cloud, instance: string, name: string | undefined): Search {
  return async (patience) => {
    const { admin } = await cloud.session(patience)
    return (await serversOf(cloud, instance, name, admin, patience)).map(({ id, status, 'OS-EXT-STS:task_state': task }) => ({
      what: `server ${id} (${task == null ? status : `${status}, ${task}`})`,
      command: `openstack server delete ${id}`,
      remove: (patience) => deleteServer(cloud, id, patience),
    }))
  }
}

/** Whether a server of the instance may run: only an admin who is shown none knows that there is none. @throws CloudError */
export async function serverMayRun(cloud: Cloud, instance: string, name: string | undefined, patience: Patience): Promise<boolean> {
  const { admin } = await cloud.session(patience)
  return !admin || (await serversOf(cloud, instance, name, admin, patience)).length > 0
}

async function serversOf(cloud: Cloud, instance: string, name: string | undefined, everybody: boolean, patience: Patience): Promise<NovaServer[]> {
  return (await servers(cloud, { name, everybody }, patience)).filter(({ metadata }) => metadata?.['trove_instance_id'] === instance)
}
