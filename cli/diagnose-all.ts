import type { Target } from '../diagnosis/collect/collector.ts'
import { diagnose } from '../diagnosis/diagnose.ts'
import type { Diagnosis, Verdict } from '../diagnosis/diagnosis.ts'
import { explain } from '../diagnosis/explain.ts'
import type { Look } from '../diagnosis/page.ts'
import { columns, cut, printable } from '../diagnosis/printable.ts'
import { collectEvidence } from './diagnose-collect.ts'
import type { Sources } from './diagnose-sources.ts'
import { table } from './table.ts'

/** Instances that are looked at side by side: each takes seconds of waiting and little else. */
const AT_ONCE = 4

/** Diagnoses in the order of the targets; a look at one never ends the look at the others. */
export async function diagnoseAll(targets: readonly Target[], sources: Sources): Promise<Diagnosis[]> {
  const waiting = targets.entries()
  const done: Diagnosis[] = []
  const worker = async (): Promise<void> => {
    for (const [at, target] of waiting) done[at] = diagnose(await collectEvidence(target, sources, performance.now()))
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return done
}

const HEADING = ['INSTANCE', 'NAME', 'VERDICT', 'WHY']
const NAME_WIDTH = 30

/** A line for each, and in full what was found. */
export function allText(diagnoses: readonly Diagnosis[], look: Look): string {
  if (diagnoses.length === 0) return 'Every instance that is known is ready.\n'
  const rows = [HEADING, ...diagnoses.map(row)]
  const lines = table(rows)
    .split('\n')
    .map((line) => (columns(line) > look.width ? cut(line, look.width) : line))
  const details = diagnoses.filter(({ verdict }) => verdict === 'cause').map((diagnosis) => `\n${explain(diagnosis, look)}`)
  return `${lines.join('\n')}${details.join('')}`
}

function row({ instance, name, verdict, findings, undecided, standing }: Diagnosis): string[] {
  const why: Record<Verdict, () => string> = {
    cause: () => `${findings[0]!.what}${findings.length > 1 ? ` (and ${findings.length - 1} more)` : ''}`,
    undecided: () => `${standing.text}; maybe ${undecided.map((one) => one.name).join(', ')}`,
    healthy: () => standing.text,
    'coming-up': () => standing.text,
    unknown: () => standing.text,
  }
  return [instance.slice(0, 8), cut(printable(name ?? '-'), NAME_WIDTH), verdict, printable(why[verdict]())]
}
