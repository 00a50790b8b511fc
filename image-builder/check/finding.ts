import type { Space } from '../way.ts'
import type { Look } from './look.ts'

/** Something in an image that keeps a guest from coming up (error), may do so or is unsafe (warning), or is worth knowing (note). */
export interface Finding {
  /** Of the catalogue of causes, such as `B2`; `-` when the catalogue has none. */
  readonly id: string
  /** kebab-case name; the same defect always has the same. */
  readonly code: string
  readonly level: Level
  /** What was found, with path and value. Never a secret. */
  readonly what: string
  /** What to type. */
  readonly mend: string
  readonly path?: string
}

export type Level = 'error' | 'warning' | 'note'

/** What is known outside the image; the checks ask nobody else. */
export interface CheckFacts {
  readonly space: Space
  /** Trove's `injected_config_owner`; Trove's own default is `ubuntu`. */
  readonly injectedOwner: string
  /** Of the tree that will be served, such as `>=3.11`; not checked when left out. */
  readonly pythonRequires?: string | undefined
  /** Trove's `database_service_uid`. */
  readonly databaseUid: number
  /** By a token's public id; not checked when left out. */
  readonly tokenState?: ((id: string) => Promise<TokenState>) | undefined
  readonly now: Date
  /** PEM of this host's CA; not compared when left out. */
  readonly ca?: string | undefined
}

export type TokenState = 'valid' | 'expired' | 'revoked' | 'unknown'

/** One thing that is looked for. */
export interface Check {
  /** Of the catalogue, or `-`. */
  readonly id: string
  /** For people: what would be wrong. */
  readonly looksFor: string
  find(look: Look): Promise<readonly Finding[]>
}

/** What most mends come down to. */
export const REBUILD = 'trovestrap image build BASE -o OUT'
export const SYSPREP = `${REBUILD} --sysprep`
