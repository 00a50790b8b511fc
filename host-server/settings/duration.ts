const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 }
const TEN_YEARS = 3650 * SECONDS.d

/** What a duration looks like, for messages. */
export const DURATION_FORM = 'a number with its unit s, m, h or d, such as 30d or 12h, at most 3650d'

/** @returns seconds, or undefined when the text is no duration from 1s to 3650d */
export function parseDuration(text: string): number | undefined {
  const [, number, unit] = /^([1-9]\d{0,8})([smhd])$/.exec(text.trim()) ?? []
  if (number === undefined) return undefined
  const seconds = Number(number) * SECONDS[unit as keyof typeof SECONDS]
  return seconds <= TEN_YEARS ? seconds : undefined
}
