import type { Patience } from '../../openstack/http/ask.ts'

/** Something that an instance which is gone has left behind. */
export interface LeftOver {
  /** For people: `port 5b2d1f3e-… (10.98.0.12)`. */
  readonly what: string
  /** What to type to remove it by hand. */
  readonly command: string
  /** @throws Error whose message says why it stays */
  remove(patience: Patience): Promise<void>
}

/** One place to look. @throws Error whose message says why nobody could look there */
export type Search = (patience: Patience) => Promise<readonly LeftOver[]>

export interface Found {
  readonly left: readonly LeftOver[]
  /** Where nobody could look, and why. */
  readonly unseen: readonly string[]
}

/** Looks everywhere side by side, in the order in which it should be removed. @param places name of each place, for people */
export async function findLeftOvers(places: Readonly<Record<string, Search>>, patience: () => Patience): Promise<Found> {
  const looked = await Promise.allSettled(Object.values(places).map((search) => search(patience())))
  const names = Object.keys(places)
  return {
    left: looked.flatMap((one) => (one.status === 'fulfilled' ? one.value : [])),
    unseen: looked.flatMap((one, at) => (one.status === 'rejected' ? [`${names[at]}: ${(one.reason as Error).message}`] : [])),
  }
}

/** One that stays, and why. */
export interface Stays {
  readonly left: LeftOver
  readonly why: string
}

/** One after the other: what a port holds has to go before it does. @param patience of each @param tell of each, before it is removed */
export async function removeLeftOvers(all: readonly LeftOver[], patience: () => Patience, tell: (left: LeftOver) => void): Promise<{ removed: LeftOver[]; stay: Stays[] }> {
  const outcome: { removed: LeftOver[]; stay: Stays[] } = { removed: [], stay: [] }
  for (const left of all) {
    tell(left)
    try {
      await left.remove(patience())
      outcome.removed.push(left)
    } catch (error) {
      outcome.stay.push({ left, why: (error as Error).message })
    }
  }
  return outcome
}
