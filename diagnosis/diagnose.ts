import type { Cause } from './cause.ts'
import { catalogue } from './catalogue.ts'
import { askAll } from './ask-all.ts'
import { decisiveLines } from './decisive-lines.ts'
import type { Diagnosis, Verdict } from './diagnosis.ts'
import type { Evidence } from './evidence.ts'
import { factsOf } from './facts.ts'
import { nextLook } from './next-look.ts'
import { notSeen } from './not-seen.ts'
import { rootsAndSymptoms } from './roots.ts'
import { standing } from './standing.ts'

/**
 * Why an instance does not come up, as far as what was seen tells. Pure: the same evidence gives the same answer anywhere.
 * What holds but only follows from another cause is a symptom; suspicions count where nothing was found, and never for an instance that is up.
 */
export function diagnose(evidence: Evidence, causes: readonly Cause[] = catalogue): Diagnosis {
  const facts = factsOf(evidence)
  const { found, suspected, broken } = askAll(facts, causes)
  const { findings, symptoms } = rootsAndSymptoms(found, causes)
  const { progress, ...stands } = standing(facts)
  const verdict: Verdict = findings.length > 0 ? 'cause' : progress === 'up' ? 'healthy' : suspected.length > 0 ? 'undecided' : progress === 'on-its-way' ? 'coming-up' : 'unknown'
  const undecided = verdict === 'undecided' ? suspected : []
  const next = verdict === 'undecided' || verdict === 'unknown' ? nextLook(evidence, undecided, stands.stage) : undefined
  return {
    instance: evidence.instance,
    ...(evidence.name === undefined ? {} : { name: evidence.name }),
    at: evidence.at,
    verdict,
    standing: stands,
    findings,
    symptoms,
    undecided,
    ...(next === undefined ? {} : { next }),
    lines: verdict === 'undecided' || verdict === 'unknown' ? decisiveLines(facts) : [],
    not_seen: notSeen(evidence),
    broken,
  }
}
