import type { NotSeen } from './diagnosis.ts'
import { SOURCES, type Evidence, type Source } from './evidence.ts'

/** Where nobody could look, wholly or in part, and why; in the order in which the sources are listed. */
export function notSeen({ looked, ...seen }: Evidence): NotSeen[] {
  return (Object.keys(SOURCES) as Source[]).flatMap((source): NotSeen[] => {
    const why = looked[source]?.why
    if (seen[source] === undefined) return [{ source, why: why ?? 'nobody looked there' }]
    return why === undefined ? [] : [{ source, why, in_part: true }]
  })
}
