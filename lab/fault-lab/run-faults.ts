import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Progress } from '../../cli/progress.ts'
import { table } from '../../cli/table.ts'
import { diagnose } from '../../diagnosis/diagnose.ts'
import type { Evidence } from '../../diagnosis/evidence.ts'
import { explain } from '../../diagnosis/explain.ts'
import { cacheRoot } from '../cache.ts'
import { startBench } from './bench.ts'
import { keepOutcome } from './outcome-file.ts'
import type { LabFault } from './lab-fault.ts'
import { runFault, type Outcome } from './run-fault.ts'

const RECORDINGS = new URL('../../test/diagnosis/recordings/', import.meta.url)

export interface RunOptions {
  /** Whether what was seen becomes a recording of the tests. */
  readonly record: boolean
  readonly progress: Progress
}

/** One after the other on one bench; each leaves its evidence, and a line when it is through. */
export async function runFaults(faults: readonly LabFault[], { record, progress }: RunOptions): Promise<Outcome[]> {
  const dir = join(cacheRoot(), `lab-${process.pid}`)
  const kept = join(cacheRoot(), 'lab-evidence')
  await mkdir(kept, { recursive: true })
  const outcomes: Outcome[] = []
  try {
    await using bench = await startBench(dir, progress)
    for (const fault of faults) {
      const step = progress.step(fault.name)
      const outcome = await runFault(bench, fault, step.update)
      outcomes.push(outcome)
      const text = line(outcome)
      if (outcome.judgement === 'wrong' || outcome.trouble !== undefined) step.fail(text)
      else step.done(text)
      if (outcome.evidence === undefined) continue
      const recording = placeless(outcome.evidence, dir)
      await writeFile(join(kept, `${fault.name}.json`), recording)
      if (record && fault.name !== 'ad-hoc') {
        await writeFile(new URL(`${fault.name}.json`, RECORDINGS), recording)
        keepOutcome(outcome)
      }
      if (faults.length <= 3) progress.say(explain(diagnose(outcome.evidence), { width: 120, now: new Date(), color: false }))
    }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
  progress.say(`\n${outcomeTable(outcomes)}\nEvidence: ${kept}\n`)
  return outcomes
}

/** What was expected and what came, a row a fault. */
export function outcomeTable(outcomes: readonly Outcome[]): string {
  const heading = ['FAULT', 'EXPECTED', 'FOUND', '', 'WITHOUT SSH', 'DIAGNOSE', 'MENDED']
  return table([heading, ...outcomes.map((outcome) => cells(outcome))])
}

function cells({ fault, found, verdict, judgement, withoutGuest, misled, took, mended, trouble }: Outcome): string[] {
  const without = `${withoutGuest.judgement}${withoutGuest.judgement === 'wrong' ? ` (${withoutGuest.found.join(' ')})` : ''}`
  const more = [...misled.map(({ source, found }) => `misled without ${source}: ${found.join(' ')}`), ...(trouble === undefined ? [] : [trouble.split('\n')[0]!.slice(0, 160)])]
  return [fault.name, fault.expect.join(' ') || '-', found.join(' ') || verdict, judgement, without, `${took.toFixed(1)} s`, [mended === undefined ? '-' : `${mended.toFixed(0)} s`, ...more].join('; ')]
}

function line({ found, verdict, judgement, withoutGuest, mended, trouble, took }: Outcome): string {
  const parts = [`${judgement}: ${found.join(' ') || verdict}`, `without SSH ${withoutGuest.judgement}`, `diagnose ${took.toFixed(1)} s`, ...(mended === undefined ? [] : [`mended ${mended.toFixed(0)} s`]), ...(trouble === undefined ? [] : [trouble])]
  return parts.join(' · ')
}

/** A recording says nothing of where the lab stood. */
function placeless(evidence: Evidence, dir: string): string {
  return `${JSON.stringify(evidence, null, 1)}\n`.replaceAll(dir, '/srv/lab')
}
