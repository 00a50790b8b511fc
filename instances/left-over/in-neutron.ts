import type { Cloud } from '../../openstack/cloud.ts'
import { deletePort, ports } from '../../openstack/neutron.ts'
import { deleteSecurityGroup, describedGroups } from '../../openstack/neutron/security-groups.ts'
import { unexposeOperations } from '../expose/undo-exposure.ts'
import type { Search } from './left-over.ts'

/** Floating addresses and forwardings that `expose` made. */
export function leftOfExpose(cloud: Cloud, instance: string): Search {
  return async (patience) => (await unexposeOperations(cloud, instance, patience)).map(({ words, perform }) => ({ what: `what expose made (${words.replace(/^openstack /, '')})`, command: words, remove: perform }))
}

/** Ports that Trove made, by the name that it gives them (trove/taskmanager/models.py). */
export function leftPorts(cloud: Cloud, instance: string): Search {
  return async (patience) =>
    (await ports(cloud, { name: `trove-${instance}` }, patience)).map(({ id, fixed_ips }) => ({
      what: `port ${id} (${fixed_ips.map(({ ip_address }) => ip_address).join(', ') || 'no address'})`,
      command: `openstack port delete ${id}`,
      remove: (patience) => deletePort(cloud, id, patience),
    }))
}

/** Its name begins as the operator has configured it; the description is Trove's own (trove/common/neutron.py). */
export function leftSecurityGroups(cloud: Cloud, instance: string): Search {
  return async (patience) =>
    (await describedGroups(cloud, `Security group for trove instance ${instance}`, patience)).map(({ id, name }) => ({
      what: `security group ${name ?? id}`,
      command: `openstack security group delete ${id}`,
      remove: (patience) => deleteSecurityGroup(cloud, id, patience),
    }))
}
