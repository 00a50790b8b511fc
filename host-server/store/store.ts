import type { Report } from '../../contract/report.ts'
import type { Secret } from '../../contract/secret.ts'

/**
 * All that host-server has to remember. Every method that changes something returns once it is on disk.
 * Times are ISO 8601, host clock; they come in as arguments so that nothing here has a clock of its own.
 */
export interface Store {
  readonly tokens: Tokens
  readonly instances: Instances
  readonly reports: Reports
  readonly refusals: Refusals
  close(): void
}

export interface Tokens {
  /** @param wish lifetime in seconds @returns the token's text, which is not kept: only its digest is */
  create(wish: { lifetime: number; maxUses?: number; description?: string }, now: Date): { id: string; token: Secret; expires: Date }
  /** Oldest first. */
  list(): TokenRecord[]
  /** @returns false when there is no such token; revoking twice keeps the first time */
  revoke(id: string, now: Date): boolean
  /** Whether the token opens the door of enrolment now. Uses are counted by `Instances.enrol`, where it is known whether this is one. */
  opens(id: string, secret: Secret, now: Date): boolean
}

export interface TokenRecord {
  readonly id: string
  readonly created: string
  readonly expires: string
  /** Instances that were enrolled with it. */
  readonly uses: number
  readonly max_uses?: number
  readonly description?: string
  readonly revoked?: string
}

/** `again`: the same instance with the same key; nothing but the expiry changed. */
export type Enrolment = 'new' | 'again' | 'taken' | 'revoked' | 'token-used-up'

export interface EnrolmentWish {
  readonly instance: string
  /** Hex SHA-256 of the instance's secret. */
  readonly key: string
  readonly expires: Date
  readonly address: string
  readonly name?: string
  /** Id of the bootstrap token; absent where the instance's own credential opened the door. */
  readonly token?: string
}

export interface Instances {
  enrol(wish: EnrolmentWish, now: Date): Enrolment
  /** Whether this is the secret of an enrolled instance, neither expired nor revoked. */
  opens(instance: string, secret: Secret, now: Date): boolean
  /** In the order of enrolment. */
  list(): InstanceRecord[]
  get(instance: string): InstanceRecord | undefined
  /** Drops the enrolment and its reports: the instance may enrol with another key. @returns false when there is none */
  forget(instance: string): boolean
  /** Refuses the instance from now on, whatever key it brings. @returns false when it is not enrolled */
  revoke(instance: string, now: Date): boolean
}

export interface InstanceRecord {
  readonly instance: string
  readonly enrolled: string
  readonly expires: string
  readonly address: string
  readonly last_seen: string
  readonly name?: string
  readonly revoked?: string
  /** Newest report of the newest run. */
  readonly latest?: Report
  /** When the first report of the present stage in that run came. */
  readonly since?: string
}

export interface Reports {
  /** A report that is there already is passed over, so a batch may be sent again. @returns how many were new */
  add(instance: string, reports: readonly Report[], address: string, now: Date): number
  /** As they came in; at most REPORTS_KEPT, the newest. */
  list(instance: string): { received: string; report: Report }[]
}

export interface Refusals {
  /** The same refusal again only moves its time. */
  add(refusal: RefusalRecord): void
  /** Newest first. */
  list(): RefusalRecord[]
}

export interface RefusalRecord {
  readonly at: string
  readonly address: string
  readonly instance?: string
  readonly code: string
}
