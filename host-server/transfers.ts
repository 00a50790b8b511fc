// How much is sent at once. A thousand guests that boot together would each have a part of everything and none the whole; so a few are sent
// to at a time, the others wait their turn in the order in which they came, and whom the queue would keep too long is told when to ask again.
import { Refused } from './refused.ts'

export interface TransferLimits {
  /** Answers that are being sent. */
  readonly atOnce: number
  /** Milliseconds after which a slow client no longer counts: it goes on, and others are sent to beside it. */
  readonly hold: number
  /** Milliseconds in the queue. */
  readonly patience: number
  /** Places and turns of one caller: whoever asks often has no more of the queue than the others. */
  readonly ofOne: number
}

export const TRANSFER_LIMITS: TransferLimits = { atOnce: 16, hold: 1_000, patience: 8_000, ofOne: 4 }

/** Seconds, spread over so many that those who were turned away together do not come back together. */
const COME_BACK = { least: 2, spread: 8 }

export class Transfers {
  readonly #limits: TransferLimits
  readonly #queue = new Set<() => void>()
  readonly #callers = new Map<string, number>()
  #running = 0

  constructor(limits: TransferLimits = TRANSFER_LIMITS) {
    this.#limits = limits
  }

  /**
   * Resolves when it is this client's turn.
   * @param gone aborts when the answer was sent or the client has hung up
   * @param caller whose credential it brought
   * @throws Refused 503 with Retry-After
   */
  async turn(gone: AbortSignal, caller: string): Promise<void> {
    const own = this.#callers.get(caller) ?? 0
    if (own >= this.#limits.ofOne) throw busy()
    this.#callers.set(caller, own + 1)
    if (this.#running < this.#limits.atOnce) this.#running++
    else await this.#wait(gone).catch((error: unknown) => {
      this.#leave(caller)
      throw error
    })
    let counts = true
    const done = (): void => {
      if (!counts) return
      counts = false
      clearTimeout(slow)
      this.#leave(caller)
      this.#next()
    }
    const slow = setTimeout(done, this.#limits.hold).unref()
    if (gone.aborted) done()
    else gone.addEventListener('abort', done, { once: true })
  }

  async #wait(gone: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const giveUp = (): void => {
      if (this.#queue.delete(resolve)) reject(busy())
    }
    this.#queue.add(resolve)
    const patience = setTimeout(giveUp, this.#limits.patience)
    gone.addEventListener('abort', giveUp, { once: true })
    await promise.finally(() => {
      clearTimeout(patience)
      gone.removeEventListener('abort', giveUp)
    })
  }

  #leave(caller: string): void {
    const left = this.#callers.get(caller)! - 1
    if (left === 0) this.#callers.delete(caller)
    else this.#callers.set(caller, left)
  }

  /** Hands the place on: whoever comes now does not take it from who waits. */
  #next(): void {
    const [first] = this.#queue
    if (first === undefined) {
      this.#running--
      return
    }
    this.#queue.delete(first)
    first()
  }
}

function busy(): Refused {
  const wait = COME_BACK.least + Math.floor(Math.random() * COME_BACK.spread)
  return new Refused(503, 'BUSY', `many guests are being served; ask again in ${wait} s`, { retryAfter: wait })
}
