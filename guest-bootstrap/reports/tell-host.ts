import type { Report } from '../../contract/report.ts'
import { credential, hostUrl } from '../host.ts'
import { forget, MEMORY, recall, remember } from '../memory.ts'
import type { System } from '../system.ts'
import { sendReports } from './host-outlet.ts'

/** Seconds that telling the host may take. */
const LIMIT = 6
/** Reports that wait for a host; of more the oldest go. */
const KEPT = 20
/** Addresses that are tried where the network stage has found no host. */
const TRIED = 3

/**
 * Tells the host, for whoever looks once and ends: what the host does not take now is kept for the next one who tells something.
 * Kept before it is sent, because whoever sends may be ended in the middle.
 *
 * @returns whether nothing is left to tell
 */
export async function tellHost(system: System, fresh: readonly Report[]): Promise<boolean> {
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
