import { Type } from 'typebox'
import { answerOf, Maybe } from '../answer-of.ts'
import type { Cloud } from '../cloud.ts'
import type { Patience } from '../http/ask.ts'

const Network = Type.Object({ id: Type.String(), name: Maybe(Type.String()), subnets: Maybe(Type.Array(Type.String())), admin_state_up: Maybe(Type.Boolean()) })
export type FoundNetwork = Type.Static<typeof Network>

/** Networks of exactly this name or id that this project sees; an admin sees those of all. @throws CloudError */
export async function findNetworks(cloud: Cloud, words: string, patience: Patience): Promise<FoundNetwork[]> {
  const ask = async (key: 'id' | 'name'): Promise<FoundNetwork[]> => {
    const path = `/networks?${new URLSearchParams({ [key]: words })}`
    return answerOf(Type.Object({ networks: Type.Array(Network) }), await cloud.read({ service: 'network', path }, patience), 'Neutron').networks
  }
  const [ofId, ofName] = await Promise.all([ask('id'), ask('name')])
  return [...ofId, ...ofName.filter(({ id }) => ofId.every((other) => other.id !== id))]
}
