import type { Offers } from './offers.ts'

/** Longest that a question stays open, seconds: below what proxies and NAT on the way forget. */
export const LONGEST_WAIT = 50

/**
 * Guests that follow the tree: each has one question open, `is there another manifest?`, and is answered when there is one.
 * What they are and who is to fetch anew is known as long as host-server runs; who is held stands in the store.
 */
export class Followers {
  readonly #offers: Offers
  readonly #held: (instance: string) => boolean
  /** How many questions each has open; a guest whose connection broke has two for a moment. */
  readonly #open = new Map<string, number>()
  readonly #anew = new Set<string>()
  readonly #closing = new AbortController()

  constructor(offers: Offers, held: (instance: string) => boolean) {
    this.#offers = offers
    this.#held = held
  }

  /**
   * Waits until the guest should ask for the manifest, or so many seconds have passed.
   * @param isOutdated whether what the guest has is no longer what is handed out
   */
  async wait(instance: string, isOutdated: () => boolean, seconds: number, gone: AbortSignal): Promise<void> {
    const over = AbortSignal.any([gone, this.#closing.signal, AbortSignal.timeout(Math.min(seconds, LONGEST_WAIT) * 1000)])
    this.#open.set(instance, (this.#open.get(instance) ?? 0) + 1)
    try {
      while (!over.aborted && (this.#held(instance) || !(isOutdated() || this.#anew.has(instance)))) await this.#offers.changed(over)
    } finally {
      const left = this.#open.get(instance)! - 1
      if (left === 0) this.#open.delete(instance)
      else this.#open.set(instance, left)
    }
  }

  follows(instance: string): boolean {
    return this.#open.has(instance)
  }

  /** Has a guest take the manifest as if it were new. @returns whether it follows, so that it does so now */
  refresh(instance: string): boolean {
    if (!this.follows(instance)) return false
    this.#anew.add(instance)
    this.#offers.wake()
    return true
  }

  /** @returns who follows */
  all(): string[] {
    return [...this.#open.keys()]
  }

  /** Whether the guest was to take the manifest anew; true once. */
  takeRefresh(instance: string): boolean {
    return this.#anew.delete(instance)
  }

  /** Answers everybody now. */
  close(): void {
    this.#closing.abort()
  }

  /** Somebody was held, or let go on. */
  wake(): void {
    this.#offers.wake()
  }
}

/** Seconds that a client is ready to wait: `Prefer: wait=50` (RFC 7240). 0 for none. */
export function waitOf(prefer: string | string[] | undefined): number {
  const [, seconds] = /(?:^|,)\s*wait\s*=\s*"?(\d{1,4})"?\s*(?:[,;]|$)/i.exec(String(prefer ?? '')) ?? []
  return Number(seconds ?? 0)
}
