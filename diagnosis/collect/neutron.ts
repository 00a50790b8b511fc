import type { Cloud } from '../../openstack/cloud.ts'
import type { Patience } from '../../openstack/http/ask.ts'
import { networks, ports, rules, subnets, type Port } from '../../openstack/neutron.ts'
import { CannotSee, type CollectContext, type Collector } from './collector.ts'
import { networkSeen, portSeen, ruleSeen } from './neutron/seen.ts'
import { seeThroughApi } from './see-through-api.ts'
import { serverId } from './server-id.ts'

// Trove and Nova may have to be waited for.
const DEADLINE = 9_000

/** The server's ports, what their security groups let through, and their networks. */
export function neutronCollector(cloud: Cloud): Collector<'neutron'> {
  return {
    source: 'neutron',
    deadline: DEADLINE,
    collect: ({ instance }, context) =>
      seeThroughApi(DEADLINE, context.signal, async (patience) => {
        const { admin, project } = await cloud.session(patience)
        const found = await portsOf(cloud, instance, context, patience)
        if (found.length === 0 && !admin) throw new CannotSee(`Neutron shows project ${project} no port of this instance; guests often live in another project: export OS_CLOUD=… of an admin`)
        const ids = unique(found.map(({ network_id }) => network_id))
        const [rulesFound, networksFound, subnetsFound] = await Promise.all([
          rules(cloud, unique(found.flatMap(({ security_groups }) => security_groups ?? [])), patience),
          networks(cloud, ids, patience),
          subnets(cloud, ids, patience),
        ])
        return { ports: found.map(portSeen), rules: rulesFound.map(ruleSeen), networks: networksFound.map((network) => networkSeen(network, subnetsFound)) }
      }),
  }
}

/** Trove names its ports after the instance, and makes them before the server: nobody has to be waited for. Older ones come with the server. */
async function portsOf(cloud: Cloud, instance: string, context: CollectContext, patience: Patience): Promise<Port[]> {
  const named = await ports(cloud, { name: `trove-${instance}` }, patience)
  if (named.length > 0) return named
  const server = await serverId(context)
  return server === undefined ? [] : await ports(cloud, { device_id: server }, patience)
}

function unique(words: readonly string[]): string[] {
  return [...new Set(words)]
}
