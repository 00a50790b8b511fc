import { setTimeout as delay } from 'node:timers/promises'
import { CloudError } from './cloud-error.ts'
import type { Cloud } from './cloud.ts'
import type { Patience } from './http/ask.ts'
import { listedInstance, managedInstance, type TroveInstance } from './trove.ts'

/** Milliseconds that Trove may take for one instance before its list is asked as well. */
const PROMPT = 1_000

/**
 * An instance as an operator sees it, also where its agent is not there: Trove asks the agent of an instance that is not building first, and
 * waits 15 s for it. Its list asks nobody.
 * @returns undefined when Trove has no such instance; one that was deleted may be shown as deleted, or not at all
 * @throws CloudError, with status 401 or 403 for who is no admin
 */
export async function promptInstance(cloud: Cloud, id: string, patience: Patience): Promise<TroveInstance | undefined> {
  const one = managedInstance(cloud, id, patience).catch(absent)
  const prompt = await Promise.race([one.then(() => true, () => true), delay(PROMPT, false, { signal: patience.signal })])
  if (prompt) return await one
  return await Promise.any([one, listedInstance(cloud, id, patience)]).catch(() => one)
}

function absent(error: unknown): undefined {
  if (!(error instanceof CloudError && error.status === 404)) throw error
}
