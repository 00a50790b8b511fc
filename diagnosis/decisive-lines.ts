import type { Proof } from './cause.ts'
import { proofOf, type Facts, type Place, type PlacedLine } from './facts.ts'

const MOST = 8
const A_PLACE = 2
/** Nearest to the reason first: what the agent says beats what its surroundings say of it. */
const PLACES: readonly Place[] = ['agent', 'daemon', 'trove-fault', 'conductor', 'taskmanager', 'console', 'kernel', 'cloud-init', 'broker']
const TELLS = /error|exception|traceback|critical|fatal|panic|\bfail(?:ed|ure)?\b|refused|denied|timed? ?out|not found|no such|cannot|unable|unreachable|invalid|killed|state=failed/i
/** Words of every healthy boot that sound like trouble. */
const HARMLESS = /errors=remount|error[ -]?(?:injection|correction|rate)|\b(?:no|0|without) (?:errors?|failures?|failed)|failed=0|ignoring|correctable errors? collector|DEBUG/i

/** The newest lines that speak of an error, of every place that has one: what to read where nothing that is known fits. At most 8. */
export function decisiveLines(facts: Facts): Proof[] {
  return PLACES.flatMap((place) => newest(facts.lines(place))).slice(0, MOST).map(proofOf)
}

/** Repeats differ in their numbers alone; one of them is enough. */
function newest(lines: readonly PlacedLine[]): PlacedLine[] {
  const kept = new Map<string, PlacedLine>()
  for (let at = lines.length - 1; at >= 0 && kept.size < A_PLACE; at -= 1) {
    const line = lines[at]!
    if (!TELLS.test(line.text) || HARMLESS.test(line.text)) continue
    const shape = line.text.replace(/[0-9]+/g, '0')
    if (!kept.has(shape)) kept.set(shape, line)
  }
  return [...kept.values()].reverse()
}
