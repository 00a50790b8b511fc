import { inOrder } from './ask-all.ts'
import type { Cause } from './cause.ts'
import { agentConfig } from './causes/agent-config.ts'
import { agentStart } from './causes/agent-start.ts'
import { boot } from './causes/boot.ts'
import { controlPlane } from './causes/control-plane.ts'
import { fetching } from './causes/fetching.ts'
import { guestNetwork } from './causes/guest-network.ts'
import { prepare } from './causes/prepare.ts'
import { rabbitmq } from './causes/rabbitmq.ts'
import { reporting } from './causes/reporting.ts'
import { requirements } from './causes/requirements.ts'

/** Every cause that can be seen, the earliest phase first. What cannot be seen is in unseen.ts, with the reason. */
export const catalogue: readonly Cause[] = inOrder<Cause>([
  ...controlPlane,
  ...boot,
  ...guestNetwork,
  ...fetching,
  ...requirements,
  ...agentConfig,
  ...rabbitmq,
  ...agentStart,
  ...prepare,
  ...reporting,
])
