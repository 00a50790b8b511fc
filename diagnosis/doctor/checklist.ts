import { styleText } from 'node:util'
import { mendLines } from '../explain-mend.ts'
import { notSeenLines } from '../explain-not-seen.ts'
import { proofLines } from '../explain-proof.ts'
import { page, rowsOf, type Line, type Look } from '../page.ts'
import { printable, wrap } from '../printable.ts'
import type { Examination, Result } from './examine.ts'

const MARKS = { well: '✔', fault: '✘', undecided: '?', unseen: '?', absent: '·' } as const
const COLORS = { well: 'green', fault: 'red', undecided: 'yellow', unseen: 'yellow', absent: 'dim' } as const
const PROOFS = 3
const NARROWEST = 40
/** Of what hangs below a check: `mend  `. */
const LABEL = 9

/** A line for each check; below it, where something is wrong or was not seen, the proof and what to type. */
export function checklist({ checks, verdict, not_seen, broken }: Examination, look: Look): string {
  const width = Math.max(NARROWEST, look.width)
  const names = Math.max(...checks.map(({ title }) => title.length))
  const paint = (style: Parameters<typeof styleText>[0], text: string): string => (look.color ? styleText(style, text, { validateStream: false }) : text)
  const lines: string[] = []
  for (const [check, ...same] of alike(checks)) {
    const warned = check.state === 'well' && check.warnings.length > 0
    const [first, ...more] = wrap(printable(check.text), width - names - 4)
    lines.push(`${paint(warned ? 'yellow' : COLORS[check.state], warned ? '!' : MARKS[check.state])} ${paint('bold', check.title.padEnd(names))}  ${first}`)
    for (const line of more) lines.push(`${' '.repeat(names + 4)}${line}`)
    for (const [label, below] of [...hanging(check, look), ['so too', same.length === 0 ? [] : [same.map(({ title }) => title).join(', ')]] as const]) {
      const rows = below.flatMap((line) => rowsOf(line, width - LABEL - 4))
      rows.forEach((row, at) => lines.push(`    ${paint('dim', (at === 0 ? label : '').padEnd(LABEL))}${row}`.trimEnd()))
    }
  }
  const sheet = page(look)
  sheet.section('not seen', notSeenLines(not_seen))
  if (broken.length > 0) sheet.section('broken', [`the causes ${broken.join(', ')} failed on this evidence; please report it`])
  return `${lines.join('\n')}\n\n${closing(verdict, checks)}\n${sheet.text().trim() === '' ? '' : sheet.text()}`
}

/** Neighbours that were not seen for one reason are told once. */
function alike(checks: readonly Result[]): [Result, ...Result[]][] {
  const groups: [Result, ...Result[]][] = []
  for (const check of checks) {
    const last = groups.at(-1)
    if (last !== undefined && check.state === 'unseen' && last[0].state === 'unseen' && check.text === last[0].text) last.push(check)
    else groups.push([check])
  }
  return groups
}

/** What stands below a check. */
function hanging({ findings, suspicions, warnings, mend }: Result, look: Look): [string, Line[]][] {
  return [
    ...findings.flatMap(({ name, id, proof, mend: steps }): [string, Line[]][] => [['cause', [`${name} (${id})`]], ['proof', proofLines(proof.slice(0, PROOFS), look)], ['mend', mendLines(steps)]]),
    ...suspicions.map(({ name, id, proof = [] }): [string, Line[]] => ['maybe', [`${name} (${id})`, ...proofLines(proof.slice(0, 1), look)]]),
    ...warnings.flatMap(({ text, mend: steps }): [string, Line[]][] => [['but', [text]], ['mend', mendLines(steps)]]),
    ['type', mendLines(mend)],
  ]
}

function closing(verdict: Examination['verdict'], checks: readonly Result[]): string {
  const count = (...states: Result['state'][]): number => checks.filter(({ state }) => states.includes(state)).length
  const open = count('unseen', 'undecided')
  const rest = open === 0 ? '' : `; ${open} could not be looked at or decided`
  if (verdict === 'fault') return `${count('fault')} of ${checks.length} checks found what keeps guests from coming up${rest}.`
  return verdict === 'well' ? `Nothing keeps guests from coming up, as far as this host shows${rest}.` : `Nothing was found, but something that decides could not be looked at${rest}.`
}
