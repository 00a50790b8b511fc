import { Refusal } from '../instances/refusal.ts'
import { CloudError } from '../openstack/cloud-error.ts'
import { CliError, EXIT } from './exit.ts'

/** Runs what asks a cloud; what it is refused, by the cloud or by our own look, is told as one line and what to type. */
export async function askCloud<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Refusal) throw new CliError(error.message, EXIT[error.kind], { cause: error })
    if (error instanceof CloudError) throw new CliError(error.message, EXIT.failed, { cause: error })
    throw error
  }
}
