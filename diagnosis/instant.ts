const ISO = /\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?/

/** Milliseconds of an ISO 8601 time; one without a zone is UTC, as databases and OpenStack write them. Undefined for anything else. */
export function instant(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{4}-\d\d-\d\d/.test(text)) return undefined
  const iso = text.replace(' ', 'T').replace(',', '.')
  const at = Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/.test(iso) || !iso.includes('T') ? iso : `${iso}Z`)
  return Number.isFinite(at) ? at : undefined
}

/** The time with which a line of a log begins. */
export function instantOfLine(line: string): number | undefined {
  return instant(ISO.exec(line.slice(0, 60))?.[0])
}
