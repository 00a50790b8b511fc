import type { Cause, Step } from '../cause.ts'
import { catalogue } from '../catalogue.ts'
import { askAll } from '../ask-all.ts'
import type { Finding, NotSeen, Suspicion } from '../diagnosis.ts'
import type { Evidence } from '../evidence.ts'
import { factsOf } from '../facts.ts'
import { notSeen } from '../not-seen.ts'
import type { Check, Warning } from './check.ts'
import { checks } from './checks.ts'

/** What a host's evidence has in the place of an instance: the nil UUID of RFC 9562, which is nobody's. */
export const NOBODY = '00000000-0000-0000-0000-000000000000'

export interface Result {
  readonly check: string
  readonly title: string
  /** `undecided`: one of its causes may hold. `unseen`: it could not be looked at. `absent`: it is no part of this host. */
  readonly state: 'well' | 'fault' | 'undecided' | 'unseen' | 'absent'
  /** What was found, in one line. */
  readonly text: string
  /** Ids of the catalogue that it proves, or excludes where it is well. */
  readonly causes: readonly string[]
  /** As `diagnose` says it of an instance. */
  readonly findings: readonly Finding[]
  readonly suspicions: readonly Suspicion[]
  readonly warnings: readonly Warning[]
  /** Of what was not seen or decided: what to type. */
  readonly mend: readonly Step[]
}

export interface Examination {
  /** When it was looked at; ISO 8601. */
  readonly at: string
  /** `undecided`: nothing was found, and something decisive could not be looked at. */
  readonly verdict: 'well' | 'fault' | 'undecided'
  readonly checks: readonly Result[]
  readonly not_seen: readonly NotSeen[]
  /** Causes that ended with an error on this evidence; a fault of the catalogue, not of the host. */
  readonly broken: readonly string[]
}

/** Judges what was seen of a host, before there is an instance. Pure. @param causes the catalogue */
export function examine(evidence: Evidence, chosen: readonly Check[] = checks, causes: readonly Cause[] = catalogue): Examination {
  const facts = factsOf(evidence)
  const { found, suspected, broken } = askAll(facts, causes.map((cause) => (cause.ahead === undefined ? cause : { ...cause, find: cause.ahead.bind(cause) })))
  let open = false
  const results = chosen.map((check): Result => {
    const [findings, suspicions] = [found, suspected].map((all) => all.filter(({ id }) => check.causes.includes(id))) as [Finding[], Suspicion[]]
    const told = { check: check.name, title: check.title, causes: check.causes, findings, suspicions, warnings: [], mend: [] }
    if (findings.length > 0) return { ...told, state: 'fault', text: findings.map(({ what }) => what).join('; ') }
    if (suspicions.length > 0) {
      open = true
      return { ...told, state: 'undecided', text: suspicions.map(({ undecided }) => undecided).join('; '), mend: check.decides === undefined ? [] : [check.decides] }
    }
    const seen = check.see(facts)
    if (seen.state === 'unseen') {
      open ||= seen.decisive
      return { ...told, state: 'unseen', text: seen.text, mend: seen.mend }
    }
    return { ...told, state: seen.state, text: seen.text, warnings: seen.state === 'well' ? (seen.warnings ?? []) : [] }
  })
  const sources = new Set(chosen.flatMap((check) => check.sources))
  return {
    at: evidence.at,
    verdict: results.some(({ state }) => state === 'fault') ? 'fault' : open ? 'undecided' : 'well',
    checks: results,
    // What of this host was not seen its checks say.
    not_seen: notSeen(evidence).filter(({ source, in_part }) => sources.has(source) && in_part === true && source !== 'machine'),
    broken,
  }
}
