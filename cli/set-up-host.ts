import { typed } from '../host-setup/command.ts'
import { HostError } from '../host-setup/host-error.ts'
import { CommandError } from '../host-setup/run-command.ts'
import { CliError, EXIT } from './exit.ts'

/** Runs what changes this host, as root; what went wrong is told as one line and what to type. */
export async function setUpHost<T>(work: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) throw new CliError(`this is for root alone.\n  ${asRoot()}`)
  try {
    return await work()
  } catch (error) {
    if (error instanceof HostError) throw new CliError(error.message, EXIT[error.kind], { cause: error })
    if (error instanceof CommandError) throw new CliError(error.message, EXIT.failed, { cause: error })
    throw error
  }
}

/** What was typed, behind sudo, which would drop from the environment what tells the cloud and the configuration. */
function asRoot(): string {
  const names = Object.keys(process.env).filter((name) => /^OS_[A-Z_]+$|^TROVESTRAP_CONFIG$/.test(name)).sort()
  return typed({ program: 'sudo', args: [...(names.length === 0 ? [] : [`--preserve-env=${names.join(',')}`]), 'trovestrap', ...process.argv.slice(2)] })
}
