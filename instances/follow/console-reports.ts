import { parseConsoleLine } from '../../contract/console-line.ts'
import type { StageReport } from './sight.ts'

/**
 * What a guest has said on its serial console, in the form in which it tells it to host-server.
 * @param output the end of the console: its beginning may be cut away
 */
export function consoleReports(output: string): StageReport[] {
  let run = 0
  return output.split('\n').flatMap((line): StageReport[] => {
    const record = parseConsoleLine(line)
    if (record === undefined) return []
    const { stage, state, words } = record
    // Each run of the daemon begins there.
    if (stage === 'identify' && state === 'begun' && words['attempt'] === undefined) run += 1
    const took = Number.parseFloat(words['took'] ?? '')
    return [
      {
        ...{ stage, state, boot: 'console', run: String(run) },
        attempt: Number(words['attempt'] ?? 1),
        ...(words['note'] === undefined ? {} : { note: words['note'] }),
        ...(Number.isNaN(took) ? {} : { took }),
        ...(state === 'failed' ? { fault: { code: words['code'] ?? '', message: words['message'] ?? words['code'] ?? '', details: {} } } : {}),
      },
    ]
  })
}
