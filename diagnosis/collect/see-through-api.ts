import { CloudError } from '../../openstack/cloud-error.ts'
import type { Patience } from '../../openstack/http/ask.ts'
import { CannotSee } from './collector.ts'

/** Looks with a patience that ends at the deadline; what a cloud refuses becomes what could not be seen. @param deadline milliseconds from now */
export async function seeThroughApi<T>(deadline: number, signal: AbortSignal, look: (patience: Patience) => Promise<T>): Promise<T> {
  try {
    return await look({ signal, until: Date.now() + deadline })
  } catch (error) {
    throw error instanceof CloudError ? new CannotSee(error.message, { cause: error }) : error
  }
}
