import type { Cloud } from '../../../openstack/cloud.ts'
import { neutronAgents } from '../../../openstack/neutron/agents.ts'
import { neutronQuotaOf } from '../../../openstack/neutron/quota-of.ts'
import { CannotSee, type Collector } from '../collector.ts'
import { seeThroughApi } from '../see-through-api.ts'
import { serviceProject } from './service-project.ts'

/** Milliseconds, for a cloud that is asked for the first time in a while; who looks has less patience, or more. */
const DEADLINE = 120_000

/** Whether Neutron could make a port for Trove: its agents, and what is left of the quota of Trove's project. */
export function neutronReadyCollector(cloud: Cloud): Collector<'neutron'> {
  return {
    source: 'neutron',
    deadline: DEADLINE,
    collect: (_target, context) =>
      seeThroughApi(DEADLINE, context.signal, async (patience) => {
        const { admin, project } = await cloud.session(patience)
        if (!admin) throw new CannotSee(`Neutron shows its agents to admins alone, and project ${project} is none: export OS_CLOUD=… of an admin`)
        const [agents, { name, quota }] = await Promise.all([
          neutronAgents(cloud, patience),
          serviceProject(cloud, context, patience).then(async ({ id, name }) => ({ name, quota: await neutronQuotaOf(cloud, id, patience) })),
        ])
        return {
          ...{ ports: [], rules: [], networks: [] },
          agents: agents.map(({ agent_type, host, alive, admin_state_up }) => ({ type: agent_type, host, alive, enabled: admin_state_up })),
          ...(quota === undefined ? {} : { quotas: [{ project: name, resource: 'ports', limit: quota.port.limit, used: quota.port.used + quota.port.reserved }] }),
        }
      }),
  }
}
