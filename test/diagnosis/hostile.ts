// What a stranger may write into a log, a name or a saved file in the hope that somebody types or shows it.
import type { Evidence } from '../../diagnosis/evidence.ts'

/** Three of what a shell reads more into: no command of ours has that anywhere. */
const TRIPLED = [';', '$', '`', "'", '"', '|', '&', '>', '<', '(', ')', '*', '\\', '{', '~', '#', '\n', '\t'].map((one) => `zq${one.repeat(3)}zq`)
const WORDS = [
  '; rm -rf /',
  '$(reboot)',
  '`reboot`',
  "'; rm -rf / ; '",
  '" && rm -rf / "',
  'zq\nrm -rf /\n',
  '--zq7',
  '\u001b]0;zq\u0007\u001b[2J',
  '\u009b31mzq',
  '\u202ezq\u2066',
  'zq\u0000zq\r',
  'z'.repeat(1900),
  '/zq'.repeat(600),
]
export const HOSTILE: readonly string[] = [...TRIPLED, ...WORDS]

/** Any of it, in a command. */
export const TAINT = /;;;|\$\$\$|```|'''|"""|\|\|\||&&&|>>>|<<<|\(\(\(|\)\)\)|\*\*\*|\\\\\\|\{\{\{|~~~|###|rm -rf \/|\$\(reboot|`reboot|(?:^|\s)--zq7/

/** Chosen by their schema, or by this host: no stranger's. */
const KEPT = new Set(['format', 'trovestrap', 'instance', 'at', 'received', 'looked', 'boot', 'run', 'stage', 'state', 'revision', 'code', 'from', 'took', 'seen'])
/** The parts of a line that a cause may take for a name, a path or an address. */
const VALUES = /(?<==)[^\s"=]+|(?<=')[^']+(?=')|(?<=")[^"]+(?=")|\/[\w.-]+(?:\/[\w.-]+)+|\b\d+\.\d+\.\d+\.\d+\b|[\w-]+\.(?:service|conf|log|py)\b|(?<=: )\S+$|(?<=\b(?:user|vhost|host|dev|queue|named) )\S+/g
/** Times have a form that the schema holds. */
const TIME = /^\d{4}-\d\d-\d\d[T ]\S+$/
/** The shortest limit that the schema has for a text that is nobody's choice. */
const ROOM = 500

/**
 * The same evidence with a stranger's words in some of its texts.
 * @param random from 0 to 1
 * @param share of the texts that are changed
 */
export function spoiled(evidence: Evidence, random: () => number, share: number): Evidence {
  return turn(evidence, random, share) as Evidence
}

function turn(value: unknown, random: () => number, share: number): unknown {
  if (typeof value === 'string') return random() < share && !TIME.test(value) ? spoil(value, random).slice(0, Math.max(ROOM, value.length)) : value
  if (Array.isArray(value)) return value.map((item) => turn(item, random, share))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, KEPT.has(key) ? inner : turn(inner, random, share)]))
}

/** In the place of one value of the text, of several, of all of it, or at one of its ends: what a cause looks for should mostly still be there. */
function spoil(text: string, random: () => number): string {
  const pick = <One>(list: readonly One[]): One => list[Math.floor(random() * list.length)]!
  const words = pick(HOSTILE)
  const values = [...text.matchAll(VALUES)]
  const way = random()
  if (values.length > 0 && way < 0.5) {
    const { index, 0: value } = pick(values)
    return text.slice(0, index) + pick([words, value + words, words + value]) + text.slice(index + value.length)
  }
  if (way < 0.7) return text.replace(VALUES, () => words)
  return way < 0.8 ? words : way < 0.9 ? `${text}${words}` : `${words} ${text}`
}
