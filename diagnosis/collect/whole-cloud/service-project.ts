import { projectsNamed } from '../../../openstack/identity/projects.ts'
import type { Cloud } from '../../../openstack/cloud.ts'
import type { Patience } from '../../../openstack/http/ask.ts'
import type { CollectContext } from '../collector.ts'

/** The project in which Trove makes servers: the one that trove.conf names; where that is not known, the one that is logged in. */
export async function serviceProject(cloud: Cloud, { seenBy }: CollectContext, patience: Patience): Promise<{ id: string; name: string }> {
  const { project, projectId, admin } = await cloud.session(patience)
  const named = (await seenBy('machine'))?.trove_conf?.options['service_credentials.project_name']
  if (named === undefined || named === project || !admin) return { id: projectId, name: project }
  const [found, ...others] = await projectsNamed(cloud, named, patience)
  return found === undefined || others.length > 0 ? { id: projectId, name: project } : found
}
