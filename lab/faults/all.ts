import type { LabFault } from '../fault-lab/lab-fault.ts'
import { agentFaults } from './agent.ts'
import { bootFaults } from './boot.ts'
import { controlPlaneFaults } from './control-plane.ts'
import { doubleFaults, healthyRuns } from './healthy.ts'
import { networkFaults } from './network.ts'
import { rabbitmqFaults } from './rabbitmq.ts'
import { requirementFaults } from './requirements.ts'
import { withoutDaemonFaults } from './without-daemon.ts'

/** Every fault that the lab can make, in the order of a bring-up. */
export const labFaults: readonly LabFault[] = [
  ...healthyRuns,
  ...bootFaults,
  ...networkFaults,
  ...requirementFaults,
  ...agentFaults,
  ...rabbitmqFaults,
  ...controlPlaneFaults,
  ...withoutDaemonFaults,
  ...doubleFaults,
]
