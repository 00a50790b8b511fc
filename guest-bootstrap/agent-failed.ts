// `guest-bootstrap.mjs agent-failed`: systemd runs it after each end of the agent's unit and, while something is left to say, a minute
// after. It looks once, says what is news, and ends.
import type { Report } from '../contract/report.ts'
import { lookAtAgent } from './agent/look-at-agent.ts'
import { reporter, type Outlet } from './reports/reporter.ts'
import { tellHost } from './reports/tell-host.ts'
import type { System } from './system.ts'

/** Exit status for "not all is said": sysexits' EX_TEMPFAIL, which trovestrap-agent-failed.service knows. */
const LATER = 75

/**
 * @param outlets console and journal
 * @returns the exit status: 0, or 75 when systemd shall look again
 */
export async function agentFailed(system: System, outlets: readonly Outlet[]): Promise<number> {
  const { event, settled } = await lookAtAgent(system)
  const fresh: Report[] = []
  if (event) reporter(system, [...outlets, (report) => fresh.push(report)])(event)
  const told = await tellHost(system, fresh)
  return settled && told ? 0 : LATER
}
