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

  /** Stretches of neighbours, in order. */
  *stretches(): Generator<{ readonly start: number; readonly count: number }> {
    let start = -1
    for (let block = 0; block < this.size; block++) {
      if ((block & 7) === 0 && this.#bits[block >>> 3] === (start < 0 ? 0 : 0xff)) {
        block += 7 // nothing begins or ends in these eight
        continue
      }
      if (this.has(block) === start >= 0) continue
      if (start < 0) start = block
      else {
        yield { start, count: block - start }
        start = -1
      }
    }
    if (start >= 0) yield { start, count: this.size - start }
  }
}
