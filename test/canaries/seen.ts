import { tracesOf, type Canary } from './canary.ts'

/** Everything that was said, written or sent in a run, by the place where an outsider, or a log, would see it. */
export class Seen {
  readonly #places = new Map<string, { bytes: Buffer[]; allowed: Set<string> }>()

  /** @param allowed names of the canaries that belong there: a configuration is what the answer to its owner is for */
  add(place: string, content: string | Uint8Array, allowed: readonly string[] = []): void {
    const known = this.#places.get(place) ?? { bytes: [], allowed: new Set() }
    known.bytes.push(Buffer.from(content))
    for (const name of allowed) known.allowed.add(name)
    this.#places.set(place, known)
  }

  get places(): number {
    return this.#places.size
  }

  get bytes(): number {
    return [...this.#places.values()].flatMap(({ bytes }) => bytes).reduce((sum, { length }) => sum + length, 0)
  }

  /** Places of which nothing was seen: to look for something there proves nothing. */
  empty(): string[] {
    return [...this.#places].filter(([, { bytes }]) => bytes.every(({ length }) => length === 0)).map(([place]) => place)
  }

  /** @returns a line for each canary in a place where it does not belong */
  leaks(canaries: readonly Canary[]): string[] {
    return [...this.#places].flatMap(([place, { bytes, allowed }]) => {
      const strangers = canaries.filter(({ name }) => !allowed.has(name))
      return tracesOf(strangers, Buffer.concat(bytes)).map((trace) => `${place}: ${trace}`)
    })
  }
}
