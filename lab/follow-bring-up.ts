import { parseConsoleLine, type ConsoleRecord } from '../contract/console-line.ts'
import type { SerialConsole } from './guest.ts'

/**
 * The changes of a bring-up as they stand on a guest's serial console, from now on if the console was followed before,
 * until the guest is ready.
 */
export async function* followBringUp(console: SerialConsole): AsyncGenerator<ConsoleRecord> {
  for await (const line of console.lines()) {
    const record = parseConsoleLine(line)
    if (!record) continue
    yield record
    if (record.stage === 'ready') return
  }
}
