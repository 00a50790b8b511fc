import type { Evidence, Source } from '../evidence.ts'

/** What every collector is told. */
export interface Target {
  readonly instance: string
  readonly name?: string
}

/**
 * One place to look. It sees what it can within its deadline and throws `CannotSee` where it can see nothing; what it could see only in part
 * it says in `partly`.
 */
export interface Collector<S extends Source = Source> {
  readonly source: S
  /** Milliseconds. */
  readonly deadline: number
  collect(target: Target, context: CollectContext): Promise<NonNullable<Evidence[S]>>
}

export interface CollectContext {
  /** Aborted at the deadline; whatever is open has to end then. */
  readonly signal: AbortSignal
  /** What another collector of the same run sees; undefined once it is known that it sees nothing. */
  seenBy<S extends Source>(source: S): Promise<Evidence[S] | undefined>
  /** Says that something could not be seen, although the rest could: `rabbitmqctl: not installed`. */
  partly(why: string): void
}

/** Why nothing could be seen, in a few words for people: `connection refused: 10.0.2.15:22`. */
export class CannotSee extends Error {
  override readonly name = 'CannotSee'
}
