import { STAGES, type StageName } from '../contract/report.ts'
import type { StageReport } from '../instances/follow/sight.ts'

const NAME_WIDTH = 22
const NOTE_WIDTH = 46

/** How one stage of a bring-up stands, from the reports of one run of the daemon. */
export interface StageLine {
  readonly stage: StageName
  readonly state: 'waiting' | 'begun' | 'done' | 'failed'
  readonly text: string
  /** Seconds; of a stage that is done. */
  readonly took?: number
}

/**
 * The whole bring-up as lines, `ready` aside.
 * @param reports of any number of runs, oldest first; the last run counts
 */
export function stageLines(reports: readonly StageReport[]): StageLine[] {
  // What is said after `ready` comes from runs of their own.
  const last = reports.findLast(({ stage }) => stage !== 'ready')
  const run = reports.filter((report) => report.boot === last?.boot && report.run === last?.run)
  return STAGES.filter((stage) => stage !== 'ready').map((stage) => {
    const newest = run.findLast((report) => report.stage === stage)
    if (!newest) return { stage, state: 'waiting', text: '' }
    const text = newest.fault ? `${newest.fault.message} (attempt ${newest.attempt})` : (newest.note ?? '')
    return { stage, state: newest.state, text, ...(newest.took === undefined ? {} : { took: newest.took }) }
  })
}

const MARKS = { waiting: '·', begun: '⠼', done: '✔', failed: '✘' } as const

/** One stage as people read it: `✔ fetch                  586 files, verified        0.4 s`. */
export function stageText(line: StageLine): string {
  const took = line.took === undefined ? '' : `${line.took.toFixed(1)} s`
  return `${MARKS[line.state]} ${line.stage.padEnd(NAME_WIDTH)} ${line.text.padEnd(NOTE_WIDTH)} ${took}`.trimEnd()
}
