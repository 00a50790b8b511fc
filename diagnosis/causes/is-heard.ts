import type { Facts } from '../facts.ts'

/** Whether the agent is heard now: what kept it from that, if anything did, is over. */
export function isHeard({ agentConnected, healthy, ready }: Facts): boolean {
  return agentConnected === true || healthy === true || (ready && agentConnected === undefined)
}
