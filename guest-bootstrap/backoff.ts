import type { FaultKind } from '../contract/fault.ts'

/** Longest waits in seconds. A passing fault goes away by itself, so it is looked at more often. */
export const LONGEST: Readonly<Record<FaultKind, number>> = { passing: 15, operator: 30 }

/**
 * Seconds to wait after a failed try: doubling from one second up to a limit, then up to a quarter less by chance,
 * so that guests that failed together do not come back together.
 *
 * @param attempt counts from 1
 * @param longest seconds
 * @param chance from 0 to 1
 */
export function backoff(attempt: number, longest: number, chance: number): number {
  const wait = Math.min(longest, 2 ** Math.min(attempt - 1, 20))
  return wait * (1 - chance / 4)
}

/** Seconds. A host that errs in what it asks for must not silence a guest for longer. */
const LONGEST_ASKED = 600

/**
 * Seconds to wait where somebody has said how long at least: that, and by chance up to a quarter more, because those who were told the
 * same would come back together.
 *
 * @param least seconds; undefined: nobody has said
 * @param wait seconds that it would be otherwise
 * @param chance from 0 to 1
 */
export function atLeast(least: number | undefined, wait: number, chance: number): number {
  return least === undefined ? wait : Math.max(wait, Math.min(least, LONGEST_ASKED) * (1 + chance / 4))
}

/**
 * Whether a failure that repeats is said again. The first three are; then the gap doubles, up to a minute,
 * so that a guest that waits over night still shows that it lives and its console can still be read.
 *
 * @param repeats how often this very failure was said before
 * @param since seconds since it was said last
 */
export function worthSaying(repeats: number, since: number): boolean {
  if (repeats < 3) return true
  return since >= Math.min(60, 5 * 2 ** (repeats - 3))
}
