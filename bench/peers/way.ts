/** What a guest has before a transfer, and what the host has then. */
export const CASES = ['cold', 'unchanged', 'after a reboot', 'one file changed'] as const
export type Case = (typeof CASES)[number]

/** The tree before and after somebody has edited one file. */
export interface Trees {
  readonly before: string
  readonly after: string
}

/** A way to bring a tree from a host to a guest. */
export interface Way extends AsyncDisposable {
  readonly name: string
  /** Where its server listens, on 127.0.0.1. */
  readonly port: number
  /** A new guest. @param folder empty @param port of the server, or of a link to it */
  guest(folder: string, port: number): Promise<Guest>
  /** What the server hands out from now on, where it can be one tree alone. */
  serve?(tree: keyof Trees): Promise<void>
}

/** Has its cases called in their order; each gives the seconds from start to tree in place. A case that the way does not know is absent. */
export interface Guest extends AsyncDisposable {
  readonly cases: Readonly<Partial<Record<Case, () => Promise<number>>>>
  /** Bytes of memory at its most, where it is known. */
  peak?(): number
  /** Where the tree lies now. */
  tree(): Promise<string>
}
