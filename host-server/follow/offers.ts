import type { Offer } from '../offer/offer.ts'

/** What is handed out now, and word of it to those who wait for the next. */
export class Offers {
  #now: Offer
  #changed = Promise.withResolvers<void>()

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
    const waited = this.#changed
    this.#changed = Promise.withResolvers<void>()
    waited.resolve()
  }

  /** Resolves at the next change, or when nobody is interested any more. Never rejects. */
  async changed(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    const over = Promise.withResolvers<void>()
    const end = () => over.resolve()
    signal.addEventListener('abort', end, { once: true })
    await Promise.race([this.#changed.promise, over.promise])
    signal.removeEventListener('abort', end)
  }
}
