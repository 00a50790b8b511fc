import { Type, type Static } from 'typebox'
import { answerOf, Maybe } from '../answer-of.ts'
import type { Cloud } from '../cloud.ts'
import type { Patience } from '../http/ask.ts'
import { list } from '../neutron.ts'

const SecurityGroup = Type.Object({ id: Type.String(), name: Maybe(Type.String()) })
export type SecurityGroup = Static<typeof SecurityGroup>

const RuleId = Type.Object({ id: Type.String() })

export function securityGroups(cloud: Cloud, ids: readonly string[], patience: Patience): Promise<SecurityGroup[]> {
  return list(cloud, 'security-groups', SecurityGroup, ids.map((id) => ['id', id] as const), patience)
}

/** Those that have exactly this description. */
export function describedGroups(cloud: Cloud, description: string, patience: Patience): Promise<SecurityGroup[]> {
  return list(cloud, 'security-groups', SecurityGroup, [['description', description]], patience)
}

/** @throws CloudError, with status 409 while a port uses it */
export async function deleteSecurityGroup(cloud: Cloud, id: string, patience: Patience): Promise<void> {
  await cloud.read({ service: 'network', method: 'DELETE', path: `/security-groups/${encodeURIComponent(id)}` }, patience)
}

/** Lets everybody in at one TCP port over IPv4. @returns the rule's id */
export async function allowPort(cloud: Cloud, group: string, port: number, description: string, patience: Patience): Promise<string> {
  const rule = { security_group_id: group, direction: 'ingress', ethertype: 'IPv4', protocol: 'tcp', port_range_min: port, port_range_max: port, remote_ip_prefix: '0.0.0.0/0', description }
  const body = await cloud.read({ service: 'network', path: '/security-group-rules', json: { security_group_rule: rule } }, patience)
  return answerOf(Type.Object({ security_group_rule: RuleId }), body, 'Neutron').security_group_rule.id
}

/** Ids of rules that have exactly this description. */
export async function describedRules(cloud: Cloud, description: string, patience: Patience): Promise<string[]> {
  return (await list(cloud, 'security-group-rules', RuleId, [['description', description]], patience)).map(({ id }) => id)
}

export async function deleteRule(cloud: Cloud, id: string, patience: Patience): Promise<void> {
  await cloud.read({ service: 'network', method: 'DELETE', path: `/security-group-rules/${encodeURIComponent(id)}` }, patience)
}
