import type { Report } from '../../contract/report.ts'

/** Of a report of a guest, what is shown while it comes up. */
export type StageReport = Pick<Report, 'stage' | 'state' | 'attempt'> & Partial<Pick<Report, 'boot' | 'run' | 'note' | 'took' | 'fault'>>

/** How an instance stands, at one moment. */
export interface Sight {
  /** Absent: Trove has no such instance (any more). */
  readonly trove?: { readonly status: string; readonly operating: string; readonly fault?: string }
  readonly server?: { readonly id: string; readonly status: string; readonly task?: string; readonly fault?: string }
  /** Addresses that Trove shows to the instance's owner. */
  readonly addresses: readonly string[]
  /** What the guest has said, oldest first. */
  readonly reports: readonly StageReport[]
  /** Where the reports are from, or why there are none: `host-server's record`. */
  readonly heardBy?: string
}

export type Standing = 'ready' | 'failed' | 'gone' | 'under way'

const SERVES = ['HEALTHY', 'ACTIVE']
const BROKEN = ['ERROR', 'FAILED']

/** As Trove sees it: its own status, and that of the database (operating_status), which is empty until the instance is made. */
export function standingOf({ trove }: Sight): Standing {
  if (trove === undefined) return 'gone'
  if (BROKEN.includes(trove.status) || BROKEN.includes(trove.operating)) return 'failed'
  return SERVES.includes(trove.status) && SERVES.includes(trove.operating) ? 'ready' : 'under way'
}

/** The same as long as nothing moves: a guest that tries the same thing again has not moved. */
export function moved({ trove, server, reports }: Sight): string {
  const { stage, state, fault } = reports.at(-1) ?? {}
  const done = reports.filter((report) => report.state === 'done').length
  return JSON.stringify([trove?.status, trove?.operating, server?.status, server?.task, stage, state === 'failed' ? 'begun' : state, fault?.code, done])
}
