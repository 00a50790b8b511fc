import { setTimeout as delay } from 'node:timers/promises'
import { CloudError } from './cloud-error.ts'
import type { Cloud } from './cloud.ts'
import type { Patience } from './http/ask.ts'
import { managedInstance, managedInstances, type TroveInstance } from './trove.ts'
import { untilAborted } from './until-aborted.ts'

/** Milliseconds that the list may take; it is long where there are many. */
const LIST = 15_000

/**
 * Instances as an operator sees them, also where an agent is not there: Trove asks the agent of an instance that is not building first, and
 * waits 15 s for it. Its list asks nobody.
 */
export class Instances {
  readonly #cloud: Cloud
  readonly #prompt: number
  #list: Promise<readonly TroveInstance[]> | undefined

  /** @param prompt milliseconds that Trove may take for one instance before its list is asked as well */
  constructor(cloud: Cloud, prompt = 1_000) {
    this.#cloud = cloud
    this.#prompt = prompt
  }

  /**
   * @returns undefined when Trove has no such instance; one that was deleted may be shown as deleted, or not at all
   * @throws CloudError, with status 401 or 403 for who is no admin
   */
  async find(id: string, patience: Patience): Promise<TroveInstance | undefined> {
    const one = managedInstance(this.#cloud, id, patience).catch(absent)
    const isPrompt = await untilAborted(Promise.race([one.then(() => true, () => true), delay(this.#prompt, false, { ref: false })]), patience.signal, 'Trove')
    if (isPrompt) return await one
    const listed = this.#listed().then((all) => all.find((instance) => instance.id === id))
    return await untilAborted(Promise.any([one, listed]), patience.signal, 'Trove').catch(() => one)
  }

  /** One for all who wait: where Trove is slow, many lists would make it slower. It began a moment ago at most, and instances last longer. */
  #listed(): Promise<readonly TroveInstance[]> {
    this.#list ??= managedInstances(this.#cloud, { signal: AbortSignal.timeout(LIST), until: Date.now() + LIST }).finally(() => (this.#list = undefined))
    return this.#list
  }
}

function absent(error: unknown): undefined {
  if (!(error instanceof CloudError && error.status === 404)) throw error
}
