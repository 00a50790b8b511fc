import type { Offer } from '../offer/offer.ts'

/** What is handed out now, and word of it to those who wait for the next. */
export class Offers {
  #now: Offer
  /** Who waits; a promise that all of them share would keep something of each that went away. */
  readonly #waiting = new Set<() => void>()

  constructor(first: Offer) {
    this.#now = first
  }

  get now(): Offer {
    return this.#now
  }

  replace(next: Offer): void {
    this.#now = next
    this.wake()
  }

  /** Everybody who waits looks again: an operator has let somebody go on. */
  wake(): void {
    const waited = [...this.#waiting]
    this.#waiting.clear()
    for (const end of waited) end()
  }

  /** Resolves at the next change, or when nobody is interested any more. Never rejects. */
  async changed(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.add(resolve)
    signal.addEventListener('abort', () => resolve(), { once: true })
    await promise
    this.#waiting.delete(resolve)
  }
}
