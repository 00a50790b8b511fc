import { ROUTES } from '../contract/routes.ts'

export interface Sighting {
  /** ISO 8601, host clock. */
  readonly at: string
  readonly address: string
}

export interface Served {
  readonly what: string
  /** ISO 8601, host clock. */
  readonly at: string
  /** HTTP status of the answer. */
  readonly status: number
}

/** Of more instances the one that was quiet longest is forgotten: they come and go for as long as host-server runs. */
const REMEMBERED = 10_000

const KINDS: Readonly<Record<string, string>> = {
  [ROUTES.manifest]: 'manifest',
  [ROUTES.content]: 'content',
  [ROUTES.contents]: 'content',
  [ROUTES.config]: 'config',
  [ROUTES.simple]: 'wheels',
  [ROUTES.simpleProject]: 'wheels',
  [ROUTES.wheel]: 'wheels',
}

/**
 * When each instance was last heard and what it was given last, in memory: a write to disk for every piece of content would be a high
 * price for it.
 */
export class Sightings {
  readonly #last = new Map<string, Sighting>()
  readonly #served = new Map<string, Map<string, Served>>()

  note(instance: string, address: string, now: Date): void {
    this.#last.delete(instance)
    if (this.#last.size >= REMEMBERED) this.#forget(this.#last.keys().next().value!)
    this.#last.set(instance, { at: now.toISOString(), address })
  }

  #forget(instance: string): void {
    this.#last.delete(instance)
    this.#served.delete(instance)
  }

  /** @param route as in ROUTES; what is no hand-out is passed over */
  noteAnswer(instance: string, route: string | undefined, status: number, now: Date): void {
    const what = KINDS[route ?? '']
    if (what === undefined) return
    const served = this.#served.get(instance) ?? new Map<string, Served>()
    this.#served.set(instance, served.set(what, { what, at: now.toISOString(), status }))
  }

  /** @param stored what the database says; the later of both counts */
  latest(instance: string, stored: Sighting): Sighting {
    const seen = this.#last.get(instance)
    return seen !== undefined && seen.at > stored.at ? seen : stored
  }

  /** The last answer of each kind; empty until the instance fetches something. */
  served(instance: string): Served[] {
    return [...(this.#served.get(instance)?.values() ?? [])]
  }
}
