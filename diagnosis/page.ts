import { styleText } from 'node:util'
import type { Verdict } from './diagnosis.ts'
import { columns, cut, printable, wrap } from './printable.ts'

/** How it is to look. */
export interface Look {
  /** Columns of the terminal. */
  readonly width: number
  /** The reader's clock. */
  readonly now: Date
  readonly color: boolean
}

/** A line of a section: prose is wrapped; a line of a log is wrapped beside its place and then cut; a command stays whole, for it is copied. */
export type Line = string | { readonly head: string; readonly text: string } | { readonly command: string; readonly aside?: string }

/** One screen, from the top down. */
export interface Page {
  /** The answer, with its name at the right end where there is room. */
  verdict(text: string, tag: string, verdict: Verdict): void
  section(label: string, lines: readonly Line[]): void
  sections(all: readonly (readonly [string, readonly Line[]])[]): void
  gap(): void
  text(): string
}

const LABEL = 11
const NARROWEST = 40
/** Rows that one line of a log may take. */
const ROWS = 2
const COLORS = { healthy: 'green', 'coming-up': 'cyan', cause: 'red', undecided: 'yellow', unknown: 'yellow' } as const

/** Everything that is put on it is made printable here, once. */
export function page({ width: given, color }: Look): Page {
  const width = Math.max(NARROWEST, given)
  const lines: string[] = []
  const paint = (style: Parameters<typeof styleText>[0], text: string): string => (color ? styleText(style, text, { validateStream: false }) : text)
  const sheet: Page = {
    verdict(text, name, verdict) {
      const tag = cut(printable(name), width)
      const [first = '', ...more] = wrap(printable(text), width, 4)
      const room = width - columns(first) - columns(tag)
      const tagged = more.length === 0 && tag !== '' && room >= 2 ? `${' '.repeat(room)}${tag}` : ''
      lines.push(paint(['bold', COLORS[verdict]], first) + paint('dim', tagged))
      for (const line of more) lines.push(paint(['bold', COLORS[verdict]], line))
      if (tagged === '' && tag !== '') lines.push(paint('dim', tag.padStart(width)))
    },
    section(label, all) {
      const rows = all.flatMap((line) => rowsOf(line, width - LABEL))
      rows.forEach((row, at) => lines.push(`${paint('dim', `  ${(at === 0 ? label : '').padEnd(LABEL - 2)}`)}${row}`.trimEnd()))
    },
    sections: (all) => all.forEach(([label, some]) => sheet.section(label, some)),
    gap: () => void lines.push(''),
    text: () => `${lines.join('\n').trimEnd()}\n`,
  }
  return sheet
}

/** The rows of one line, printable. */
export function rowsOf(line: Line, width: number): string[] {
  if (typeof line === 'string') return wrap(printable(line), width)
  if ('head' in line) return placed(printable(line.head), printable(line.text), width)
  const command = `  ${printable(line.command)}`
  if (line.aside === undefined) return [command]
  const aside = `(${printable(line.aside)})`
  return columns(command) + 4 + columns(aside) <= width ? [`${command}    ${aside}`] : [command, ...wrap(aside, width - 4).map((row) => `    ${row}`)]
}

/** On a narrow terminal the line stands below its place. */
function placed(head: string, text: string, width: number): string[] {
  const beside = columns(head) + 2
  if (beside > width / 2) return [...wrap(head.trimEnd(), width), ...wrap(text, width - 2, ROWS).map((row) => `  ${row}`)]
  return wrap(text, width - beside, ROWS).map((row, at) => `${at === 0 ? `${head}  ` : ' '.repeat(beside)}${row}`)
}
