import { Type } from 'typebox'
import { answerOf, Maybe } from '../answer-of.ts'
import type { Cloud } from '../cloud.ts'
import type { Patience } from '../http/ask.ts'

const Flavor = Type.Object({
  id: Type.String(),
  name: Type.String(),
  /** MiB. */
  ram: Type.Number(),
  /** GiB; 0: as large as the image. */
  disk: Type.Number(),
  'OS-FLV-DISABLED:disabled': Maybe(Type.Boolean()),
})
export type NovaFlavor = Type.Static<typeof Flavor>

/** Those that this project may take. @throws CloudError */
export async function novaFlavors(cloud: Cloud, patience: Patience): Promise<NovaFlavor[]> {
  return answerOf(Type.Object({ flavors: Type.Array(Flavor) }), await cloud.read({ service: 'compute', path: '/flavors/detail' }, patience), 'Nova').flavors
}
