import type { Step } from '../cause.ts'
import type { Facts } from '../facts.ts'
import type { Source } from '../evidence.ts'

/** One thing that a bring-up needs of the host or the cloud. What is wrong with it is the catalogue's to say; a check says what was seen. */
export interface Check {
  /** As it is typed behind `--only`. */
  readonly name: string
  /** As it is told: `RabbitMQ`. */
  readonly title: string
  /** Where it is looked at. */
  readonly sources: readonly Source[]
  /** Ids of the catalogue that it proves, or excludes where it is well. */
  readonly causes: readonly string[]
  /** Asked where none of its causes holds. */
  see(facts: Facts): Seen
  /** What to type where one of its causes may hold. */
  readonly decides?: Step
}

/**
 * `well`: none of its causes holds. `absent`: it is no part of this host, or of this cloud. `unseen`: it could not be looked at, and a decisive
 * one leaves open whether a bring-up can go well.
 */
export type Seen =
  | { readonly state: 'well'; readonly text: string; readonly warnings?: readonly Warning[] }
  | { readonly state: 'absent'; readonly text: string }
  | { readonly state: 'unseen'; readonly text: string; readonly mend: readonly Step[]; readonly decisive: boolean }

/** What keeps nothing from coming up now, and may later. */
export interface Warning {
  readonly text: string
  readonly mend: readonly Step[]
}

/** Where a source was not looked at: its reason, with what to type. */
export function unseen(facts: Facts, source: Source, mend: readonly Step[], decisive = true): Seen {
  return { state: 'unseen', text: facts.evidence.looked[source]?.why ?? 'nobody looked there', mend, decisive }
}

/** What it takes to look at a host's own files, processes and packet filter. */
export const AS_ROOT: readonly Step[] = [{ on: 'host', run: 'sudo trovestrap doctor' }]

/** For a file that could not be read. */
export function toRead(path: string, why = ''): readonly Step[] {
  return /permission|not permitted/i.test(why) ? AS_ROOT : [{ on: 'host', say: `put ${path} where it is looked for, or name where it is: trovestrap doctor --trove-conf FILE, guest_config in trovestrap.yaml` }]
}
