// `guest-bootstrap.mjs agent-failed`: systemd runs it after each end of the agent's unit and, while something is left to say, a minute
// after. It looks once, says what is news, and ends.
import type { Report } from '../contract/report.ts'
import { lookAtAgent } from './agent/look-at-agent.ts'
import { credential, hostUrl } from './host.ts'
import { forget, MEMORY, recall, remember } from './memory.ts'
import { sendReports } from './reports/host-outlet.ts'
import { reporter, type Outlet } from './reports/reporter.ts'
import type { System } from './system.ts'

/** Exit status for "not all is said": sysexits' EX_TEMPFAIL, which trovestrap-agent-failed.service knows. */
const LATER = 75
/** Seconds that telling the host may take. */
const LIMIT = 6
/** Reports that wait for a host; of more the oldest go. */
const KEPT = 20
/** Addresses that are tried where the network stage has found no host. */
const TRIED = 3

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

/** Kept before it is sent: the next end of the agent starts this anew, in the middle if need be. */
async function tellHost(system: System, fresh: readonly Report[]): Promise<boolean> {
  const { files, clock } = system
  const reports = [...(recall(files, MEMORY.unsent)?.reports ?? []), ...fresh].slice(-KEPT)
  // A guest that was never enrolled has nobody to tell.
  if (reports.length === 0 || credential(system) === undefined) return true
  remember(files, MEMORY.unsent, { reports })
  const taken = await Promise.race([send(system, reports), clock.sleep(LIMIT).then(() => false)])
  if (taken) forget(files, MEMORY.unsent)
  return taken
}

async function send(system: System, reports: readonly Report[]): Promise<boolean> {
  const found = hostUrl(system)
  const urls = found === undefined ? (recall(system.files, MEMORY.identity)?.urls ?? []).slice(0, TRIED) : [found]
  for (const url of urls) if (await sendReports(system, url, reports)) return true
  return false
}
