import type { Cloud } from '../../../openstack/cloud.ts'
import { novaFlavors } from '../../../openstack/nova/flavors.ts'
import { novaQuotaOf, type QuotaSet } from '../../../openstack/nova/quota-of.ts'
import { novaServices } from '../../../openstack/nova/services.ts'
import type { NovaSeen } from '../../evidence.ts'
import { CannotSee, type Collector } from '../collector.ts'
import { seeThroughApi } from '../see-through-api.ts'
import { serviceProject } from './service-project.ts'

/** Milliseconds, for a cloud that is asked for the first time in a while; who looks has less patience, or more. */
const DEADLINE = 120_000

/** Whether Nova could make a server for Trove: its services, its flavors, and what is left of the quota of Trove's project. */
export function novaReadyCollector(cloud: Cloud): Collector<'nova'> {
  return {
    source: 'nova',
    deadline: DEADLINE,
    collect: (_target, context) =>
      seeThroughApi(DEADLINE, context.signal, async (patience) => {
        const { admin, project } = await cloud.session(patience)
        if (!admin) throw new CannotSee(`Nova shows its services to admins alone, and project ${project} is none: export OS_CLOUD=… of an admin`)
        const [services, flavors, { name, quota }] = await Promise.all([
          novaServices(cloud, patience),
          novaFlavors(cloud, patience),
          serviceProject(cloud, context, patience).then(async ({ id, name }) => ({ name, quota: await novaQuotaOf(cloud, id, patience) })),
        ])
        return {
          services: services.map(({ binary, host, state, status }) => ({ binary, host, state, status })),
          flavors: flavors.filter((flavor) => flavor['OS-FLV-DISABLED:disabled'] !== true).map(({ id, name, disk, ram }) => ({ id, name, disk, ram })),
          quotas: quotasSeen(name, quota),
        }
      }),
  }
}

function quotasSeen(project: string, quota: QuotaSet): NonNullable<NovaSeen['quotas']> {
  return (['instances', 'cores', 'ram'] as const).map((resource) => ({ project, resource, limit: quota[resource].limit, used: quota[resource].in_use + quota[resource].reserved }))
}
