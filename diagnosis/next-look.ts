import type { NextLook, Standpoint, Suspicion } from './diagnosis.ts'
import type { Evidence, Source } from './evidence.ts'

/** Where nothing is suspected: what shows most of an instance that nobody understands, the most telling first. */
const TELLING: readonly Source[] = ['guest', 'console', 'broker', 'trove', 'record', 'trove_logs', 'broker_log', 'nova', 'machine']

/**
 * The one place to look at next. Among those that were not seen it is the one that most suspicions ask for; where several do, the one that
 * stands further ahead in what they ask for.
 * @param point where the instance stands: of one whose agent is up, Trove tells most
 */
export function nextLook(evidence: Evidence, suspicions: readonly Suspicion[], point: Standpoint | undefined): NextLook | undefined {
  const unseen = (source: Source): boolean => evidence[source] === undefined
  if (suspicions.length === 0) {
    const source = (point === 'prepare' ? (['trove', ...TELLING] as const) : TELLING).find(unseen)
    return source && { source, decides: [] }
  }
  const wanted = new Map<Source, { decides: string[]; ranks: number }>()
  for (const { id, wants } of suspicions) {
    wants.filter(unseen).forEach((source, rank) => {
      const one = wanted.get(source) ?? { decides: [], ranks: 0 }
      wanted.set(source, { decides: [...one.decides, id], ranks: one.ranks + rank })
    })
  }
  const [best] = [...wanted].sort(([, one], [, other]) => other.decides.length - one.decides.length || one.ranks - other.ranks)
  return best && { source: best[0], decides: [...new Set(best[1].decides)] }
}
