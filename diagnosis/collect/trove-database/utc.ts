/**
 * Trove writes times in UTC and without a zone: `2026-11-22 16:45:39.123456` in its database, `2026-11-22T16:45:39` in its API.
 * @returns ISO 8601 with milliseconds, and undefined for what is no time
 */
export function utc(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined
  const [, date, time, fraction = '', zone = 'Z'] = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:?\d\d)?$/.exec(text.trim()) ?? []
  if (date === undefined || time === undefined) return undefined
  const at = new Date(`${date}T${time}.${fraction.slice(0, 3).padEnd(3, '0')}${zone}`)
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString()
}
