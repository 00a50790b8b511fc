import type { Patience } from '../../openstack/http/ask.ts'
import { Refusal } from '../refusal.ts'

/** One change in the cloud. */
export interface Operation {
  /** The same as it would be typed with the openstack client. */
  readonly words: string
  /** @throws CloudError */
  perform(patience: Patience): Promise<void>
  /** Absent where there is nothing to take back. */
  undo?(patience: Patience): Promise<void>
}

/**
 * One after the other. Where one fails, those before it are undone, the newest first.
 * @param undoing patience for that, which the first may have used up
 * @throws Refusal that says what failed, and what could not be undone
 */
export async function performAll(operations: readonly Operation[], patience: Patience, undoing: () => Patience): Promise<void> {
  const done: Operation[] = []
  for (const operation of operations) {
    try {
      await operation.perform(patience)
      done.push(operation)
    } catch (error) {
      const left: string[] = []
      for (const one of done.reverse()) await one.undo?.(undoing()).catch(() => left.push(one.words))
      const end = left.length === 0 ? 'nothing is left of what was begun' : `this was made before and could not be undone:\n${left.map((words) => `  ${words}`).join('\n')}`
      throw new Refusal(`${(error as Error).message}; ${end}`, 'failed', { cause: error })
    }
  }
}
