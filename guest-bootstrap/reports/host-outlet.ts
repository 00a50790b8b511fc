import { GUEST } from '../../contract/paths.ts'
import { MEMORY, recall } from '../memory.ts'
import type { Report } from '../../contract/report.ts'
import { credential, hostUrl, reportsPath } from '../host.ts'
import { readAll } from '../read-all.ts'
import type { System } from '../system.ts'
import type { Outlet } from './reporter.ts'

/** Reports kept while the host is away; of more the oldest go, because the newest say where the guest stands. */
const KEPT = 500
/** How many go in one request, at most. */
const BATCH = 100
/** Seconds in which reports gather, so that a quick bring-up is a few requests. */
const GATHER = 0.25
/** Seconds between tries while the host does not take them. */
const AGAIN = 5
/** Milliseconds. */
const SILENCE = 5000

export interface HostOutlet {
  readonly outlet: Outlet
  /** Sends what is left, for so many seconds at most. */
  flush(seconds: number): Promise<void>
}

/** Tells the host, in order and best effort: it never throws, and no stage ever waits for it. */
export function hostOutlet(system: System): HostOutlet {
  const waiting: Report[] = []
  let sending: Promise<void> | undefined

  async function sendAll(): Promise<void> {
    await system.clock.sleep(GATHER)
    while (waiting.length > 0) {
      const batch = waiting.slice(0, BATCH)
      if (await sendReports(system, hostUrl(system), batch)) waiting.splice(0, waiting.indexOf(batch.at(-1)!) + 1)
      else await system.clock.sleep(AGAIN)
    }
    sending = undefined
  }

  return {
    outlet(report) {
      waiting.push(report)
      if (waiting.length > KEPT) waiting.shift()
      sending ??= sendAll()
    },
    async flush(seconds) {
      if (sending) await Promise.race([sending, system.clock.sleep(seconds)])
    },
  }
}

/** @returns whether the batch is dealt with: taken, or refused for what it is, so that sending it again would not help */
export async function sendReports(system: System, url: string | undefined, reports: readonly Report[]): Promise<boolean> {
  const bearer = credential(system)
  const instance = recall(system.files, MEMORY.identity)?.instance
  const ca = system.files.text(GUEST.ca)
  if (url === undefined || !bearer || instance === undefined || ca === undefined) return false
  try {
    const { status, body } = await system.http({ url: url + reportsPath(instance), method: 'POST', json: reports, bearer, ca, timeout: SILENCE })
    await readAll(body, 64 * 1024)
    return status < 300 || status === 400 || status === 413
  } catch {
    return false
  }
}
