// A thousand guests that come up at once are asked about a few at a time, and fewer where that is too much: eight questions that a small Nova
// answers too late are eight for nothing, again and again. And one of them that claims to be many does not fill the queue.

/** There are too many in front. The message says of what. */
export class TooMany extends Error {
  override readonly name = 'TooMany'
}

export interface TurnLimits {
  /** Tasks that run at the same time, at most: half of them after one that failed, one more after as many as run that did not. */
  readonly atOnce: number
  /** Tasks of the same `who` that run or wait. */
  readonly each: number
}

export class Turns {
  readonly #limits: TurnLimits
  readonly #waiting = new Set<() => void>()
  readonly #of = new Map<string, number>()
  #running = 0
  #allowed: number

  constructor(limits: TurnLimits) {
    this.#limits = limits
    this.#allowed = limits.atOnce
  }

  /**
   * Runs the task when it is its turn, first come first served.
   * @param patience ends the waiting, not the task
   * @throws TooMany when the patience ends first, or `who` has too many already
   */
  async run<T>(who: string, patience: AbortSignal, task: () => Promise<T>): Promise<T> {
    const others = this.#of.get(who) ?? 0
    if (others >= this.#limits.each) throw new TooMany(`${who} asks for ${others} at the same time already`)
    this.#of.set(who, others + 1)
    try {
      await this.#turn(patience)
      return await this.#counted(task)
    } finally {
      const left = this.#of.get(who)! - 1
      if (left === 0) this.#of.delete(who)
      else this.#of.set(who, left)
    }
  }

  async #counted<T>(task: () => Promise<T>): Promise<T> {
    try {
      const result = await task()
      this.#allowed = Math.min(this.#limits.atOnce, this.#allowed + 1 / this.#allowed)
      return result
    } catch (error) {
      this.#allowed = Math.max(1, this.#allowed / 2)
      throw error
    } finally {
      this.#running--
      this.#next()
    }
  }

  async #turn(patience: AbortSignal): Promise<void> {
    if (this.#hasRoom && this.#waiting.size === 0) {
      this.#running++
      return
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const end = (): void => {
      this.#waiting.delete(resolve)
      reject(new TooMany(`${this.#waiting.size} others wait too`))
    }
    this.#waiting.add(resolve)
    if (patience.aborted) end()
    patience.addEventListener('abort', end, { once: true })
    await promise.finally(() => patience.removeEventListener('abort', end))
  }

  /** The places are taken here, not by the woken: whoever comes now does not go before who waits. */
  #next(): void {
    for (const start of this.#waiting) {
      if (!this.#hasRoom) return
      this.#waiting.delete(start)
      this.#running++
      start()
    }
  }

  get #hasRoom(): boolean {
    return this.#running + 1 <= this.#allowed
  }
}
