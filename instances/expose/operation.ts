import type { Patience } from '../../openstack/http/ask.ts'
import { CloudError } from '../../openstack/cloud-error.ts'
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
 * One after the other. Where one fails, those before it are undone, the newest first; what cannot be undone stays done.
 * @param undoing patience for that, which the first may have used up
 * @throws Refusal that says what failed, and what was done all the same
 */
export async function performAll(operations: readonly Operation[], patience: Patience, undoing: () => Patience): Promise<void> {
  const done: Operation[] = []
  for (const operation of operations) {
    try {
      await operation.perform(patience)
      done.push(operation)
    } catch (error) {
      const left: string[] = []
      for (const one of done.reverse()) await (one.undo ?? never)(undoing()).catch(() => left.push(one.words))
      // Without an answer nobody knows: it may have been done.
      const unknown = error instanceof CloudError && error.status === undefined ? `\nwhether this was done is not known:\n  ${operation.words}` : ''
      const end = left.length === 0 ? 'nothing is left of what was begun before it' : `this was done before it, and stands; the same command goes on from here:\n${left.reverse().map((words) => `  ${words}`).join('\n')}`
      throw new Refusal(`${(error as Error).message}; ${end}${unknown}`, 'failed', { cause: error })
    }
  }
}

const never = (): Promise<never> => Promise.reject(new Error('there is nothing that takes it back'))
