import { printable } from '../../contract/printable.ts'
import type { Finding } from './finding.ts'

/** Findings for people: a block each, and a last line that says how it stands. Names in an image are anybody's: none of them gets at the terminal. */
export function explainFindings(image: string, findings: readonly Finding[]): string {
  const blocks = findings.map(({ level, id, code, what, mend }) => {
    const name = id === '-' ? code : `${id} ${code}`
    return `${printable(`${level.padEnd(8)} ${name}`)}\n  ${printable(what)}\n  mend: ${printable(mend)}\n\n`
  })
  return `${blocks.join('')}${printable(image)}: ${summary(findings)}\n`
}

function summary(findings: readonly Finding[]): string {
  if (findings.length === 0) return 'nothing to object to'
  const counts = (['error', 'warning', 'note'] as const).map((level) => [findings.filter((finding) => finding.level === level).length, level] as const)
  return counts.filter(([count]) => count > 0).map(([count, level]) => `${count} ${level}${count === 1 ? '' : 's'}`).join(', ')
}
