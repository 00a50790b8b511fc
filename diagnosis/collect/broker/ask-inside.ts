import { askManagement, type Management } from './ask-management.ts'
import { askRabbitmqctl, type RabbitmqctlOptions } from './ask-rabbitmqctl.ts'
import { NotInside, type Inside } from './inside.ts'

export interface InsideOptions {
  /** How rabbitmqctl is called. */
  readonly ctl?: RabbitmqctlOptions
  /** Asked in the place of rabbitmqctl. */
  readonly management?: Management
}

/**
 * All or nothing: a list of users that could not be asked for must not look like one without users.
 * @param queues the instance's own first
 */
export async function askInside(queues: readonly string[], { ctl, management }: InsideOptions, signal: AbortSignal, partly: (why: string) => void): Promise<Inside | undefined> {
  try {
    return management === undefined ? await askRabbitmqctl(queues, ctl ?? {}, signal) : await askManagement(queues, management, signal)
  } catch (error) {
    if (!(error instanceof NotInside)) throw error
    partly(error.message)
    return undefined
  }
}
