import { writeSync } from 'node:fs'
import { consoleLine } from '../../contract/console-line.ts'
import { FAULTS, type FaultCode } from '../../contract/fault.ts'
import type { Report } from '../../contract/report.ts'
import type { Outlet } from './reporter.ts'

/** Standard output, with systemd's priorities (sd-daemon(3)); the journal adds name and pid. */
export const journalOutlet: Outlet = (report) => {
  try {
    writeSync(1, `<${priority(report)}>${consoleLine(report)}\n`)
  } catch {
    // The journal is restarting.
  }
}

function priority({ fault }: Report): number {
  if (!fault) return 6
  return FAULTS[fault.code as FaultCode].kind === 'operator' ? 3 : 4
}
