// A thousand guests that come up at once are asked about a few at a time; and one of them that claims to be many does not fill the queue.

/** There are too many in front. The message says of what. */
export class TooMany extends Error {
  override readonly name = 'TooMany'
}

export interface TurnLimits {
  /** Tasks that run at the same time. */
  readonly atOnce: number
  /** Tasks of the same `who` that run or wait. */
  readonly each: number
}

export class Turns {
  readonly #limits: TurnLimits
  readonly #waiting = new Set<() => void>()
  readonly #of = new Map<string, number>()
  #running = 0

  constructor(limits: TurnLimits) {
    this.#limits = limits
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
      return await task().finally(() => this.#next())
    } finally {
      const left = this.#of.get(who)! - 1
      if (left === 0) this.#of.delete(who)
      else this.#of.set(who, left)
    }
  }

  async #turn(patience: AbortSignal): Promise<void> {
    if (this.#running < this.#limits.atOnce) {
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

  /** Hands the place on: whoever comes now does not take it from who waits. */
  #next(): void {
    const [first] = this.#waiting
    if (first === undefined) {
      this.#running--
      return
    }
    this.#waiting.delete(first)
    first()
  }
}
