import { SetupError } from '../host-server/setup-error.ts'
import { CliError, EXIT } from './exit.ts'

/** Runs a verb's work; what the operator has to mend on this machine ends it with its own words instead of a stack. */
export async function explainSetup<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof SetupError) throw new CliError(error.message, EXIT.usage, { cause: error })
    throw error
  }
}
