import type { Cloud } from '../../openstack/cloud.ts'
import type { Patience } from '../../openstack/http/ask.ts'
import { deleteFloatingIp, deletePortForwarding, updateFloatingIp } from '../../openstack/neutron/floating-ips.ts'
import { deleteRule, describedRules } from '../../openstack/neutron/security-groups.ts'
import { canForward, floatingOf, type Floating } from './floating.ts'
import { mark, markedBefore } from './mark.ts'
import type { Operation } from './operation.ts'

/**
 * What takes exactly that back which `expose` made in the cloud, by its marks: also for an instance that is deleted.
 * @param instance Trove's id
 * @throws CloudError
 */
export async function unexposeOperations(cloud: Cloud, instance: string, patience: Patience): Promise<Operation[]> {
  const [{ projectId }, forwards, ruleIds] = await Promise.all([cloud.session(patience), canForward(cloud, patience), describedRules(cloud, mark(instance), patience)])
  const floating = await floatingOf(cloud, [{ project_id: projectId }], forwards, patience)
  const ofRules = ruleIds.map((id): Operation => ({ words: `openstack security group rule delete ${id}`, perform: (patience) => deleteRule(cloud, id, patience) }))
  return [...floating.flatMap((one) => ofAddress(cloud, one, instance)), ...ofRules]
}

function ofAddress(cloud: Cloud, floating: Floating, instance: string): Operation[] {
  const { id, floating_ip_address: address, forwardings } = floating
  const description = floating.description ?? ''
  const ours = forwardings.filter((one) => one.description === mark(instance))
  const gone = ours.map((one): Operation => ({ words: `openstack floating ip port forwarding delete ${address} ${one.id}`, perform: (patience) => deletePortForwarding(cloud, id, one.id, patience) }))
  const before = markedBefore(instance, description)
  if (before !== undefined) {
    return [...gone, { words: `openstack floating ip unset --port ${address}; openstack floating ip set --description '${before}' ${address}`, perform: async (patience) => void (await updateFloatingIp(cloud, id, { port_id: null, description: before }, patience)) }]
  }
  // An address that we made and that leads to somebody else by now stays: it is theirs as well.
  if (description !== mark(instance) || ours.length < forwardings.length) return gone
  return [...gone, { words: `openstack floating ip delete ${address}`, perform: (patience) => deleteFloatingIp(cloud, id, patience) }]
}
