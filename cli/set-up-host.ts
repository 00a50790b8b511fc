import { HostError } from '../host-setup/host-error.ts'
import { CommandError } from '../host-setup/run-command.ts'
import { CliError, EXIT } from './exit.ts'

/** Runs what changes this host, as root; what went wrong is told as one line and what to type. @param words what is typed, for who is not root */
export async function setUpHost<T>(words: string, work: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) throw new CliError(`this is for root alone.\n  sudo trovestrap ${words}`)
  try {
    return await work()
  } catch (error) {
    if (error instanceof HostError) throw new CliError(error.message, EXIT[error.kind], { cause: error })
    if (error instanceof CommandError) throw new CliError(error.message, EXIT.failed, { cause: error })
    throw error
  }
}
