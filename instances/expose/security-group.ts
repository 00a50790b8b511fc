import type { Cloud } from '../../openstack/cloud.ts'
import type { Patience } from '../../openstack/http/ask.ts'
import { rules, type Rule } from '../../openstack/neutron.ts'
import { allowPort, deleteRule, securityGroups } from '../../openstack/neutron/security-groups.ts'
import { called, type Exposable } from './exposable.ts'
import { mark } from './mark.ts'
import type { Operation } from './operation.ts'

/** What the security groups of the database's port still need, or what a person has to decide. */
export interface GroupWork {
  readonly operations: readonly Operation[]
  /** Not done here, with what to type. */
  readonly advice?: string
}

/** Trove gives each instance a group of its own, which has its id in the name. Another group is shared, and opening it is nothing that should happen by the way. */
export async function groupWork(cloud: Cloud, { instance, port, protocol }: Exposable, patience: Patience): Promise<GroupWork> {
  const ids = port.security_groups ?? []
  // Without a group nothing is filtered (port security is off), or nothing is let in and Trove was told so.
  if (ids.length === 0 || letsEverybodyIn(await rules(cloud, ids, patience), protocol.port)) return { operations: [] }
  const groups = await securityGroups(cloud, ids, patience)
  const own = groups.find(({ name }) => name?.includes(instance.id))
  const typed = (group: string, description: string): string => `openstack security group rule create ${group} --protocol tcp --dst-port ${protocol.port} --remote-ip 0.0.0.0/0${description}`
  if (own === undefined) return { operations: [], advice: `no security group of ${called(instance)} lets everybody in at port ${protocol.port}, and none is its alone\n  ${typed(groups[0]?.name ?? ids[0]!, '')}` }
  let rule = ''
  return {
    operations: [
      {
        words: typed(own.name ?? own.id, ` --description '${mark(instance.id)}'`),
        perform: async (patience) => void (rule = await allowPort(cloud, own.id, protocol.port, mark(instance.id), patience)),
        undo: (patience) => deleteRule(cloud, rule, patience),
      },
    ],
  }
}

export function letsEverybodyIn(all: readonly Rule[], port: number): boolean {
  return all.some(
    ({ direction, ethertype, protocol, port_range_min: from, port_range_max: to, remote_ip_prefix: remote, remote_group_id: group, remote_address_group_id: addresses }) =>
      direction === 'ingress' &&
      ethertype !== 'IPv6' &&
      [undefined, null, 'tcp', '6', 'any'].includes(protocol) &&
      (from ?? 0) <= port &&
      port <= (to ?? 65535) &&
      (remote == null || remote === '0.0.0.0/0') &&
      group == null &&
      addresses == null,
  )
}
