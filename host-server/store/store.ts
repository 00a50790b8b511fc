import type { HostKey } from '../../contract/host-key.ts'
import type { Report } from '../../contract/report.ts'
import type { Secret } from '../../contract/secret.ts'

/**
 * All that host-server has to remember. Every method that changes something returns once it is on disk, and whatever opens or closes a
 * door for somebody is in the audit log in the same moment: there is no call that grants without it.
 * Times are ISO 8601, host clock; they come in as arguments so that nothing here has a clock of its own.
 */
export interface Store {
  readonly tokens: Tokens
  readonly instances: Instances
  readonly approvals: Approvals
  readonly audit: Audit
  readonly reports: Reports
  readonly refusals: Refusals
  /**
   * One write to disk for all who ask for it at once: what `work` does is all or nothing by itself, and on disk when the promise
   * is fulfilled. For what every guest does; the methods alone write each for itself.
   */
  together<T>(work: () => T): Promise<T>
  close(): void
}

export interface Tokens {
  /** @param wish lifetime in seconds; `image`: see TokenRecord @returns the token's text, which is not kept: only its digest is */
  create(wish: { lifetime: number; maxUses?: number; image?: string; description?: string }, now: Date): { id: string; token: Secret; expires: Date }
  /** Oldest first. */
  list(): TokenRecord[]
  /** @returns false when there is no such token; revoking twice keeps the first time */
  revoke(id: string, now: Date): boolean
  /** Binds a token to an image from now on, or (undefined) to none. @returns false when there is no such token */
  bind(id: string, image: string | undefined, now: Date): boolean
  get(id: string): TokenRecord | undefined
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
  /** Glance id of the one image whose instances it may enrol; Nova says which image an instance was booted from. */
  readonly image?: string
  readonly description?: string
  readonly revoked?: string
}

/**
 * `again`: the same instance with the same key; nothing but the expiry changed. `token-void`: the token was revoked or has expired since it
 * opened the door. `not-admitted`: a new one for whom nobody vouches: it was forgotten while it asked.
 */
export type Enrolment = 'new' | 'again' | 'taken' | 'revoked' | 'token-used-up' | 'token-void' | 'not-admitted'

export interface EnrolmentWish {
  readonly instance: string
  /** Hex SHA-256 of the instance's secret. */
  readonly key: string
  readonly expires: Date
  readonly address: string
  readonly name?: string
  /** Id of the bootstrap token; absent where the instance's own credential opened the door. */
  readonly token?: string
  /** Who vouches for a new instance, for the audit log: `attested by OpenStack`. Without it none is let in. */
  readonly admitted?: string
}

export interface Instances {
  enrol(wish: EnrolmentWish, now: Date): Enrolment
  /** Whether this is the secret of an enrolled instance, neither expired nor revoked. */
  opens(instance: string, secret: Secret, now: Date): boolean
  /** In the order of enrolment. */
  list(): InstanceRecord[]
  get(instance: string): InstanceRecord | undefined
  /** Drops the enrolment and its reports: the instance may enrol with another key. @returns false when there is none */
  forget(instance: string, now: Date): boolean
  /** What is handed out changes for it no more until it is released. @returns false when it is not enrolled */
  hold(instance: string, now: Date): boolean
  release(instance: string, now: Date): boolean
  isHeld(instance: string): boolean
  /** Refuses the instance from now on, whatever key it brings. @param why for the audit log @returns false when it is not enrolled */
  revoke(instance: string, now: Date, why?: string): boolean
  /**
   * Takes one short step towards removing, with their reports, the instances that were last heard of before a time and whose credential
   * opens nothing any more: whoever of them comes again has to be let in as a new one has.
   * @returns whether there is more to do
   */
  removeOld(before: Date, now: Date): boolean
}

export interface InstanceRecord {
  readonly instance: string
  readonly enrolled: string
  readonly expires: string
  readonly address: string
  readonly last_seen: string
  readonly name?: string
  readonly revoked?: string
  /** Since when it is held. */
  readonly held?: string
  /** Newest report of the newest run. */
  readonly latest?: Report
  /** When the first report of the present stage in that run came. */
  readonly since?: string
  /** Of its sshd, as the newest report that told them had them. */
  readonly host_keys?: readonly HostKey[]
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

/** Who may enrol where nobody attests: one instance that the operator approves, or, for a while, every one with a valid token. */
export interface Approvals {
  /** Notes that an instance asked and may not yet. Bounded: the oldest go. */
  wait(one: { instance: string; key: string; address: string; name?: string }, now: Date): void
  /** Oldest first; those that were approved or have enrolled are not among them. */
  waiting(): WaitingRecord[]
  /**
   * @param key of the one that waits; undefined approves whoever asks first in that instance's name
   * @param lifetime seconds until the approval is void if it is not used
   */
  approve(instance: string, key: string | undefined, lifetime: number, now: Date): void
  /** Lets every instance with a valid token in for that many seconds; 0 ends it. @returns until when, ISO 8601 */
  open(lifetime: number, now: Date): string
  /** Until when every instance with a valid token is let in; undefined when that is not so now. */
  openUntil(now: Date): string | undefined
  /** Whether the operator has approved this instance with this key. */
  approved(instance: string, key: string, now: Date): boolean
}

export interface WaitingRecord {
  readonly instance: string
  /** Hex SHA-256 of the secret it asks with: two guests that claim to be one instance differ in it. */
  readonly key: string
  readonly address: string
  readonly name?: string
  /** When it asked first, and last. */
  readonly since: string
  readonly at: string
}

/** Every grant and every refusal. There is no switch for it; what is old goes when there is too much, refusals and grants apart. */
export interface Audit {
  add(entry: AuditEntry): void
  /** The newest `last`, oldest first; `after` continues behind a row. */
  list(wish: { last: number; after?: number; instance?: string }): AuditRecord[]
}

export interface AuditEntry {
  readonly at: string
  readonly outcome: 'granted' | 'refused'
  /** What was asked for or done: `enrol`, `config`, `token create` … */
  readonly event: string
  /** Who: `token abc123`, `instance`, `operator`, `alice on this host`. */
  readonly by: string
  readonly instance?: string
  readonly address?: string
  /** The code of a refusal; what a grant consisted in. Never a secret. */
  readonly detail?: string
  /** How often, where the same came again and again. */
  readonly count?: number
}
export interface AuditRecord extends AuditEntry {
  readonly row: number
  readonly count: number
}
