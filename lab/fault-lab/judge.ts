import { diagnose } from '../../diagnosis/diagnose.ts'
import { SOURCES, type Evidence, type Source } from '../../diagnosis/evidence.ts'

/** `undecided`: nothing wrong was named, and not all that is wrong. */
export type Judgement = 'right' | 'undecided' | 'wrong'

/**
 * How a diagnosis of this evidence compares with what was broken.
 * @param expect ids, the earlier first; empty: nothing is broken
 */
export function judge(evidence: Evidence, expect: readonly string[]): { judgement: Judgement; found: string[]; verdict: string } {
  const { findings, verdict } = diagnose(evidence)
  const found = findings.map(({ id }) => id)
  return { judgement: compare(found, verdict, expect), found, verdict }
}

function compare(found: readonly string[], verdict: string, expect: readonly string[]): Judgement {
  if (found.length === expect.length && found.every((id, index) => id === expect[index])) return 'right'
  if (found.some((id) => !expect.includes(id))) return 'wrong'
  if (found.length > 1 && found.join() !== expect.filter((id) => found.includes(id)).join()) return 'wrong'
  return found.length === 0 && verdict === 'healthy' && expect.length > 0 ? 'wrong' : 'undecided'
}

/** The same evidence as if nobody had looked there. */
export function without(evidence: Evidence, ...sources: readonly Source[]): Evidence {
  const rest = { ...evidence, looked: { ...evidence.looked } }
  for (const source of sources) {
    delete rest[source]
    rest.looked[source] = { seen: false, why: 'left out', took: 0 }
  }
  return rest
}

/** Each source that was seen, taken away in turn: those with which the answer becomes a wrong one. */
export function misledWithout(evidence: Evidence, expect: readonly string[]): { source: Source; found: string[] }[] {
  return (Object.keys(SOURCES) as Source[])
    .filter((source) => evidence[source] !== undefined)
    .flatMap((source) => {
      const { judgement, found, verdict } = judge(without(evidence, source), expect)
      return judgement === 'wrong' ? [{ source, found: found.length === 0 ? [verdict] : found }] : []
    })
}
