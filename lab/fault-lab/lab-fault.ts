import type { Source } from '../../diagnosis/evidence.ts'

/** One way of breaking a bring-up, for real. Commands are shell texts: what a person would type to break it. */
export interface LabFault {
  readonly name: string
  /** Ids of the catalogue that diagnose has to name, the earlier first. Empty: nothing is broken, and nothing may be found. */
  readonly expect: readonly string[]
  /** Which guest it happens to. `snapshot`: booted, the daemon not yet started. `boot`: a boot of its own. `before`: the one of the fault before, which goes on. `none`: no guest at all. */
  readonly from: 'snapshot' | 'boot' | 'before' | 'none'
  readonly boot?: {
    readonly configDrive?: 'none'
    readonly kernelArguments?: string
  }
  /** On the lab's host, before the guest goes on. */
  readonly host?: string
  /** As root in the guest, before our unit starts. */
  readonly guest?: string
  /** Whether the guest's own agent unit is started in place of our daemon. */
  readonly foreign?: boolean
  /** Whether taskmanager's prepare message waits for the agent; it does unless said otherwise. */
  readonly prepare?: false | { readonly version?: string; readonly config?: string }
  /** Once the guest has got so far. */
  readonly after?: { readonly once: Sight; readonly host?: string; readonly guest?: string }
  /** When the fault can be seen. */
  readonly shows: Sight
  /** What mending on the host leads to; absent: it cannot be mended there. */
  readonly mends?: 'ready' | 'healthy'
  /** Without these `undecided` is a right answer; without SSH to the guest it always is. */
  readonly told_by?: readonly Source[]
}

/** What is waited for; seconds that it may take under emulation. */
export type Sight =
  | { readonly console: RegExp; readonly within?: number }
  /** A text of trove-conductor's log since the fault began. */
  | { readonly conductor: RegExp; readonly within?: number }
  /** Trove's word for the service. */
  | { readonly status: string; readonly within?: number }
  /** A command in the guest that ends well. */
  | { readonly guest: string; readonly within?: number }
  /** A command on the host that ends well. */
  | { readonly host: string; readonly within?: number }
  /** Nothing shows by itself; so many seconds after the daemon was started. */
  | { readonly passed: number }

/** The daemon's own word for a fault. */
export function says(code: string, within?: number): Sight {
  return { console: new RegExp(`state=failed code=${code}\\b`), ...(within === undefined ? {} : { within }) }
}
