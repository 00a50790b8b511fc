import type { StageName } from '../contract/report.ts'
import type { System } from './system.ts'

/** One step of the bring-up, as a value. It neither retries nor waits nor reports: the engine does. */
export interface Stage {
  readonly name: StageName
  /** What it is for, in one line for people. */
  readonly purpose: string
  /** Longest wait between two tries in seconds, by kind of fault; the engine's own limits unless given. */
  readonly pace?: { readonly passing?: number; readonly operator?: number }
  /** Looks at the world, cheaply, whether there is nothing to do; words in place of true say why, for people. May throw a Fault. */
  done(system: System): Promise<boolean | string>
  /** Does it; running twice is safe. @returns what it found or did, for people. @throws Fault */
  run(system: System): Promise<string | undefined>
  /**
   * What can be prepared for later stages while this one has failed and waits. Not waited for; how it ends does not matter.
   * @param signal this stage is done: what is still being prepared would only be in the way
   */
  meanwhile?(system: System, signal: AbortSignal): Promise<void>
}
