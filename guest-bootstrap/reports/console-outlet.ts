import { closeSync, constants, openSync, writeSync } from 'node:fs'
import { consoleLine } from '../../contract/console-line.ts'
import { GUEST } from '../../contract/paths.ts'
import type { Outlet } from './reporter.ts'

/**
 * The serial console: what an operator still sees when nothing else works. Opened for each line, because systemd hangs it up at times,
 * and never waited for: a console that nobody reads must not hold a guest.
 */
export function consoleOutlet(path: string = GUEST.console): Outlet {
  return (report) => {
    try {
      const console = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
      try {
        writeSync(console, `trovestrap[${process.pid}]: ${consoleLine(report)}\n`)
      } finally {
        closeSync(console)
      }
    } catch {
      // No console, or it is full.
    }
  }
}
