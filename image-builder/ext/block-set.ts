/** A set of block numbers, one bit each. */
export class BlockSet {
  readonly #bits: Uint8Array
  readonly size: number

  /** @param size block numbers go from 0 to below it */
  constructor(size: number) {
    this.size = size
    this.#bits = new Uint8Array(Math.ceil(size / 8))
  }

  has(block: number): boolean {
    return (this.#bits[block >>> 3]! & (1 << (block & 7))) !== 0
  }

  add(block: number, count = 1): void {
    const end = Math.min(this.size, block + count)
    for (let at = block; at < end; at++) this.#bits[at >>> 3]! |= 1 << (at & 7)
  }

  remove(block: number, count: number): void {
    const end = Math.min(this.size, block + count)
    for (let at = block; at < end; at++) this.#bits[at >>> 3]! &= ~(1 << (at & 7))
  }

  /** Whether none of these blocks is in it. */
  lacks(block: number, count: number): boolean {
    for (let at = block; at < Math.min(this.size, block + count); at++) if (this.has(at)) return false
    return true
  }

  /** Stretches of neighbours, in order; gaps of up to `bridge` blocks are taken in. */
  *stretches(bridge = 0): Generator<{ readonly start: number; readonly count: number }> {
    let start = -1
    let end = -1
    for (let byte = 0; byte < this.#bits.length; byte++) {
      if (this.#bits[byte] === 0) continue
      for (let block = byte * 8; block < byte * 8 + 8; block++) {
        if (!this.has(block)) continue
        if (start >= 0 && block - end > bridge) {
          yield { start, count: end - start }
          start = block
        } else if (start < 0) start = block
        end = block + 1
      }
    }
    if (start >= 0) yield { start, count: end - start }
  }
}
