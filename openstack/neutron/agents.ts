import { Type } from 'typebox'
import { answerOf } from '../answer-of.ts'
import type { Cloud } from '../cloud.ts'
import type { Patience } from '../http/ask.ts'

const Agent = Type.Object({
  /** `DHCP agent`, `L3 agent`, `Open vSwitch agent`, `OVN Controller agent` … */
  agent_type: Type.String(),
  host: Type.String(),
  alive: Type.Boolean(),
  admin_state_up: Type.Boolean(),
})
export type NeutronAgent = Type.Static<typeof Agent>

/** None where its plugin has no agents, and none for who is no admin. @throws CloudError */
export async function neutronAgents(cloud: Cloud, patience: Patience): Promise<NeutronAgent[]> {
  return answerOf(Type.Object({ agents: Type.Array(Agent) }), await cloud.read({ service: 'network', path: '/agents' }, patience), 'Neutron').agents
}
