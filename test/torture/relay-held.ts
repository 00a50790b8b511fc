interface Piece {
  readonly bytes: Buffer
  /** `performance.now()` from which on it may come out. */
  readonly due: number
}

/** Bytes that one direction of a connection holds at most. */
const HELD = 128 * 1024

/** What is under way: whoever puts more than it holds has to wait. */
export class Held implements AsyncIterable<Piece> {
  readonly #pieces: Piece[] = []
  #size = 0
  #ended = false
  #changed = Promise.withResolvers<void>()

  async put(piece: Piece): Promise<void> {
    this.#pieces.push(piece)
    this.#size += piece.bytes.length
    this.#wake()
    while (this.#size > HELD) await this.#changed.promise
  }

  end(): void {
    this.#ended = true
    this.#wake()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Piece> {
    for (;;) {
      const piece = this.#pieces.shift()
      if (piece) {
        this.#size -= piece.bytes.length
        this.#wake()
        yield piece
      } else if (this.#ended) return
      else await this.#changed.promise
    }
  }

  #wake(): void {
    const { resolve } = this.#changed
    this.#changed = Promise.withResolvers<void>()
    resolve()
  }
}
