/** A failure that was told, by its words. `at`: seconds since boot. */
export interface ToldOnce {
  readonly words: string
  readonly at: number
  readonly times: number
}

/** Seconds until the same failure is told again: the first gap; each one after is twice as long, up to the longest. */
const FIRST_GAP = 60
const LONGEST_GAP = 600
/** Different failures that are remembered. */
const REMEMBERED = 8

/**
 * Whether an end of the agent is told: one with new words always, the same again with growing distance. Numbers do not make words new:
 * they are process ids, times and ports.
 *
 * @param now seconds since boot
 * @returns with what was told from then on
 */
export function isWorthTelling(told: readonly ToldOnce[], text: string, now: number): { worth: boolean; said: ToldOnce[] } {
  const words = text.replace(/0x[0-9a-f]+|\d+/gi, '#').slice(0, 600)
  const before = told.find((one) => one.words === words)
  const gap = before === undefined ? 0 : Math.min(LONGEST_GAP, FIRST_GAP * 2 ** Math.min(before.times - 1, 10))
  if (before !== undefined && now - before.at < gap) return { worth: false, said: [...told] }
  const others = told.filter((one) => one !== before).slice(1 - REMEMBERED)
  return { worth: true, said: [...others, { words, at: now, times: (before?.times ?? 0) + 1 }] }
}
