/** Lines of a unit's journal that are kept. */
const MOST = 80

interface Entry {
  readonly unit: string
  readonly lines: string[]
}

/**
 * Reads `journalctl -o json`, an object a line, into lines as people know them, by unit:
 * `2026-11-25T10:20:01Z node[412]: stage=…`. What systemd says of a unit is that unit's.
 */
export function journalsOf(...texts: (string | undefined)[]): Record<string, string[]> {
  const journals: Record<string, string[]> = {}
  for (const { unit, lines } of texts.flatMap((text) => (text ?? '').split('\n').flatMap((line) => entryOf(line) ?? []))) {
    journals[unit] = [...(journals[unit] ?? []), ...lines].slice(-MOST)
  }
  return journals
}

function entryOf(line: string): Entry | undefined {
  const entry = objectOf(line)
  if (entry === undefined) return undefined
  const unit = wordOf(entry['UNIT']) || wordOf(entry['_SYSTEMD_UNIT'])
  if (!/^[\w@:.-]{1,200}\.[a-z]+$/.test(unit)) return undefined
  const at = Number(wordOf(entry['__REALTIME_TIMESTAMP'])) / 1000
  const time = at > 0 && at < 8.64e15 ? `${new Date(at).toISOString().slice(0, 19)}Z ` : ''
  const pid = wordOf(entry['_PID'])
  const who = `${wordOf(entry['SYSLOG_IDENTIFIER']) || 'unknown'}${pid === '' ? '' : `[${pid}]`}: `
  const said = messageOf(entry['MESSAGE']).split('\n').filter((part) => part.trim() !== '' && !isChatter(part, wordOf(entry['SYSLOG_IDENTIFIER'])))
  return { unit, lines: said.slice(-MOST).map((part) => `${time}${who}${part.trimEnd()}`.slice(0, 1900)) }
}

function objectOf(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    return undefined // cut off in the middle, or no journal at all
  }
}

/** What an agent that works says hundreds of times: each command through sudo, and each SQL statement, with the passwords that stand in it. */
export function isChatter(line: string, program = ''): boolean {
  if (program === 'sudo') return /^ *\S+ : (?:TTY=|PWD=|USER=)/.test(line) || /^pam_unix\(sudo:session\)/.test(line)
  return /\bINFO sqlalchemy\.engine/.test(line)
}

/** A message with bytes that are no text comes as a list of numbers; one that is too long for journalctl as null. */
function messageOf(value: unknown): string {
  if (Array.isArray(value)) return Buffer.from(value.filter((byte) => typeof byte === 'number')).toString('utf8')
  return value === null ? '(a message of more than 4096 bytes)' : wordOf(value)
}

function wordOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
