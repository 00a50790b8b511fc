import type { Cause } from './cause.ts'
import type { Finding, Symptom } from './diagnosis.ts'

/**
 * Tells what holds by itself from what holds only because something else does. The relation is followed through: a symptom of a symptom is
 * one of the root. Causes that name each other would silence each other; of those the earliest stays.
 * @param found in the order in which they are to be told
 */
export function rootsAndSymptoms(found: readonly Finding[], causes: readonly Cause[]): { findings: Finding[]; symptoms: Symptom[] } {
  const here = new Set(found.map(({ id }) => id))
  const above = new Map<string, string[]>()
  for (const { id, symptomOf = [] } of causes) above.set(id, [...(above.get(id) ?? []), ...symptomOf.filter((other) => other !== id && here.has(other))])
  const reach = new Map(found.map(({ id }) => [id, reachable(id, above)]))
  const isRoot = ({ id }: Finding): boolean => {
    const over = reach.get(id)!
    const all = [...over].every((other) => reach.get(other)!.has(id))
    return all && found.find((one) => one.id === id || over.has(one.id))!.id === id
  }
  const findings = found.filter(isRoot)
  const symptoms = found
    .filter((one) => !findings.includes(one))
    .map((one) => ({ ...one, of: findings.find(({ id }) => reach.get(one.id)!.has(id))!.id }))
  return { findings, symptoms }
}

function reachable(from: string, above: ReadonlyMap<string, readonly string[]>): Set<string> {
  const seen = new Set<string>()
  const open = [...(above.get(from) ?? [])]
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (seen.has(id)) continue
    seen.add(id)
    open.push(...(above.get(id) ?? []))
  }
  return seen
}
