import type { StageName, StageState } from '../contract/report.ts'
import type { Found, Phase, Proof, Suspected } from './cause.ts'
import type { Source } from './evidence.ts'

/**
 * `cause`: it is known why it does not come up. `undecided`: something speaks for a cause, and what was not looked at would decide.
 * `unknown`: nothing that is known fits.
 */
export type Verdict = 'healthy' | 'coming-up' | 'cause' | 'undecided' | 'unknown'

/** The bring-up's stages, and what lies before and behind them. */
export type Standpoint = 'boot' | StageName | 'prepare'

/** What `diagnose` says of one instance: plain JSON. */
export interface Diagnosis {
  readonly instance: string
  readonly name?: string
  /** When it was looked at; ISO 8601. */
  readonly at: string
  readonly verdict: Verdict
  readonly standing: Standing
  /** Roots, the earliest phase first. */
  readonly findings: readonly Finding[]
  /** What holds too, but only because one of the findings does. */
  readonly symptoms: readonly Symptom[]
  /** Where nothing was found: what it may be. */
  readonly undecided: readonly Suspicion[]
  /** The one source that was not seen and would decide most. */
  readonly next?: NextLook
  /** Where no cause is known: the lines that tell most. */
  readonly lines: readonly Proof[]
  readonly not_seen: readonly NotSeen[]
  /** Causes that ended with an error on this evidence; a fault of the catalogue, not of the instance. */
  readonly broken: readonly string[]
}

export interface Standing {
  readonly stage?: Standpoint
  readonly state?: StageState
  /** Since the stage began. */
  readonly since_seconds?: number
  /** What follows the instance's name in a sentence: `waits in reach-rabbitmq for 41 s`. */
  readonly text: string
  readonly last_sign?: Proof
}

interface Named {
  readonly id: string
  readonly name: string
  readonly title: string
  readonly phase: Phase
}
export interface Finding extends Named, Found {}
export interface Symptom extends Finding {
  /** The finding that it is a symptom of. */
  readonly of: string
}
export interface Suspicion extends Named, Suspected {}

export interface NextLook {
  readonly source: Source
  /** Ids of the suspicions that it would decide; empty where nothing is suspected and it would show most. */
  readonly decides: readonly string[]
}

export interface NotSeen {
  readonly source: Source
  readonly why: string
  /** The rest of it was seen. */
  readonly in_part?: true
}
