/** A line of one of a guest's logs. */
export interface LogLine {
  /** Milliseconds since 1970, guest clock. */
  readonly at: number
  /** `guest`, `agent`, `cloud-init`, `trove`, or the unit. */
  readonly source: string
  readonly message: string
}

const LONGEST = 4000
const SOURCES: readonly (readonly [RegExp, string])[] = [
  [/^trovestrap-guest\b/, 'guest'],
  [/^trovestrap-(?:agent|agent-failed)\b/, 'agent'],
  [/^trovestrap-renew\b/, 'renew'],
  [/^cloud-/, 'cloud-init'],
]

/** Of `journalctl -o json`. @returns nothing for what is no entry; an entry of several lines is several */
export function journalLines(text: string): LogLine[] {
  try {
    const entry = JSON.parse(text) as Record<string, unknown>
    const at = Math.floor(Number(entry['__REALTIME_TIMESTAMP']) / 1000)
    if (!Number.isFinite(at)) return []
    // What systemd says of a unit has the unit in another field.
    const unit = [entry['UNIT'], entry['_SYSTEMD_UNIT'], entry['SYSLOG_IDENTIFIER']].find((name): name is string => typeof name === 'string') ?? ''
    const source = SOURCES.find(([name]) => name.test(unit))?.[1] ?? unit.replace(/\.service$/, '').slice(0, 40)
    return messageOf(entry['MESSAGE']).split('\n').map((message) => ({ at, source, message: message.slice(0, LONGEST) }))
  } catch {
    return []
  }
}

/** Where it is not UTF-8, journald gives its bytes as numbers. */
function messageOf(message: unknown): string {
  if (typeof message === 'string') return message
  return Array.isArray(message) ? Buffer.from(message as number[]).toString('utf8') : ''
}

/**
 * Reads Trove's own log (oslo.log): local time without a zone, and lines without time, of tracebacks, belong to the one before.
 * @param offset of the guest's zone, milliseconds east of UTC
 */
export function agentLogReader(offset: number): (line: string) => LogLine {
  let last = 0
  return (line) => {
    const [, day, time] = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d[.,]\d{3})/.exec(line) ?? []
    if (day !== undefined) last = Date.parse(`${day}T${time!.replace(',', '.')}Z`) - offset || last
    return { at: last, source: 'trove', message: line.slice(0, LONGEST) }
  }
}

/** `+0130` of date(1), in milliseconds. */
export function offsetOf(text: string): number {
  const [, sign, hours, minutes] = /^([+-])(\d\d)(\d\d)/.exec(text.trim()) ?? []
  return sign === undefined ? 0 : (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000
}
