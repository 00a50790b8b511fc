import { setTimeout as pause } from 'node:timers/promises'

export interface RemovingParts {
  /** Takes one short step. @returns whether there is more to do */
  readonly step: () => boolean
  /** Takes one line for the operator. */
  readonly warn: (line: string) => void
  /** Milliseconds from the end of one round to the next. */
  readonly every?: number
}

const EVERY = 60 * 60_000
/** Milliseconds between two steps: requests that came meanwhile are answered first. */
const BETWEEN = 20

/** Removes what is old, now and again until closed, in steps so short that nobody waits for them. Never throws. */
export function startRemovingOld({ step, warn, every = EVERY }: RemovingParts): { close(): Promise<void> } {
  const ended = new AbortController()
  const { signal } = ended

  async function remove(): Promise<void> {
    for (;;) {
      await pause(more() ? BETWEEN : every, undefined, { signal })
    }
  }

  function more(): boolean {
    try {
      return step()
    } catch (error) {
      // The disk is full, say: the next round tries again.
      warn(`records of instances that are long gone could not be removed: ${(error as Error).message}`)
      return false
    }
  }

  const removing = remove().catch(() => {}) // aborted
  return {
    async close() {
      ended.abort()
      await removing
    },
  }
}
