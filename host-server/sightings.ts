export interface Sighting {
  /** ISO 8601, host clock. */
  readonly at: string
  readonly address: string
}

/** When each instance was last heard, in memory: a write to disk for every piece of content would be a high price for it. */
export class Sightings {
  readonly #last = new Map<string, Sighting>()

  note(instance: string, address: string, now: Date): void {
    this.#last.set(instance, { at: now.toISOString(), address })
  }

  /** @param stored what the database says; the later of both counts */
  latest(instance: string, stored: Sighting): Sighting {
    const seen = this.#last.get(instance)
    return seen !== undefined && seen.at > stored.at ? seen : stored
  }
}
