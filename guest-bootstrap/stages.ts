import type { Stage } from './stage.ts'
import { configure } from './stages/configure.ts'
import { confirm } from './stages/confirm.ts'
import { enrol } from './stages/enrol.ts'
import { fetch } from './stages/fetch.ts'
import { identify } from './stages/identify.ts'
import { installRequirements } from './stages/install-requirements.ts'
import { network } from './stages/network.ts'
import { reachRabbitmq } from './stages/reach-rabbitmq.ts'
import { startAgent } from './stages/start-agent.ts'

/** From a plain boot to an agent that is heard. */
export const bringUpStages: readonly Stage[] = [
  identify,
  network,
  enrol,
  fetch,
  configure,
  installRequirements,
  reachRabbitmq,
  startAgent,
  confirm,
]
