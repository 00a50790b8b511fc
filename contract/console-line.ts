import { SPEAKS } from './printable.ts'
import type { Report, StageName, StageState } from './report.ts'

/**
 * A report as one line of `name=value` words, after `trovestrap[PID]: `. Values with spaces, quotes or `=` are quoted as JSON strings.
 * Example: `stage=reach-rabbitmq state=failed code=AMQP_REFUSED host=10.0.2.2 port=5672 attempt=6 next=30s message="…"`
 */
export function consoleLine(report: Report): string {
  const words: [string, string | number | boolean][] = [
    ['stage', report.stage],
    ['state', report.state],
  ]
  if (report.fault) words.push(['code', report.fault.code], ...Object.entries(report.fault.details))
  if (report.attempt > 1 || report.fault) words.push(['attempt', report.attempt])
  if (report.took !== undefined) words.push(['took', `${report.took.toFixed(1)}s`])
  if (report.next !== undefined) words.push(['next', `${Math.round(report.next)}s`])
  if (report.note !== undefined) words.push(['note', report.note])
  if (report.fault) words.push(['message', report.fault.message])
  return words.map(([name, value]) => `${name}=${quoted(String(value))}`).join(' ')
}

/** What a program reads from a console: the words of each line of ours, in order, nothing else of the boot. */
export interface ConsoleRecord {
  readonly stage: StageName
  readonly state: StageState
  readonly words: Readonly<Record<string, string>>
}

/** @returns undefined for a line that is not ours (kernel, systemd, another program). */
export function parseConsoleLine(line: string): ConsoleRecord | undefined {
  const ours = /trovestrap\[\d+\]: (stage=.*)$/.exec(line.replace(/[\r\n]+$/, ''))
  if (!ours) return undefined
  const words: Record<string, string> = {}
  for (const [, name, quotedValue, bare] of ours[1]!.matchAll(/([a-z][a-z0-9_]*)=(?:("(?:[^"\\]|\\.)*")|(\S*))/g)) {
    if (!Object.hasOwn(words, name!)) words[name!] = quotedValue === undefined ? bare! : unquoted(quotedValue)
  }
  return { stage: words['stage'] as StageName, state: words['state'] as StageState, words }
}

/** A value may be a stranger's word, and this goes to terminals. */
function quoted(value: string): string {
  if (/^[^\s"=\\]+$/.test(value) && value.search(SPEAKS) < 0) return value
  return JSON.stringify(value).replace(SPEAKS, (character) => character.split('').map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''))
}

function unquoted(text: string): string {
  try {
    return JSON.parse(text) as string
  } catch {
    return text
  }
}
