import type { Cloud } from '../../openstack/cloud.ts'
import { deleteServer, servers } from '../../openstack/nova.ts'
import type { Search } from './left-over.ts'

/** Servers of an instance: Trove gives up waiting for one that Nova does not delete. @param name of the instance, where it is known */
export function leftInNova(cloud: Cloud, instance: string, name: string | undefined): Search {
  return async (patience) => {
    const { admin } = await cloud.session(patience)
    const own = (await servers(cloud, { name, everybody: admin }, patience)).filter(({ metadata }) => metadata?.['trove_instance_id'] === instance)
    return own.map(({ id, status, 'OS-EXT-STS:task_state': task }) => ({
      what: `server ${id} (${task == null ? status : `${status}, ${task}`})`,
      command: `openstack server delete ${id}`,
      remove: (patience) => deleteServer(cloud, id, patience),
    }))
  }
}
