// What a script in the guest prints comes in sections: a line `BOUNDARY name`, then the section's own text. The boundary is drawn by lot
// for each run, so that no log can hold it by accident.
import { randomBytes } from 'node:crypto'

export type Sections = ReadonlyMap<string, string>

/** Defines `part NAME` for the scripts; the boundary is their first argument. Our own commands only, and their words in English. */
export const PRELUDE = `
B=$1
shift
export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin
part() { printf '\\n%s %s\\n' "$B" "$1"; }
`

export function drawBoundary(): string {
  return `--${randomBytes(12).toString('hex')}`
}

/** The sections that have begun, the last one perhaps in part; of two with one name the first counts. `''` holds what stood before them all. */
export function sectionsOf(output: Buffer, boundary: string): Sections {
  const [before = '', ...parts] = `\n${output.toString('utf8')}`.split(`\n${boundary} `)
  const sections = new Map([['', before.slice(1)]])
  for (const part of parts) {
    const end = part.indexOf('\n')
    const name = end < 0 ? part : part.slice(0, end)
    if (!sections.has(name)) sections.set(name, end < 0 ? '' : part.slice(end + 1))
  }
  return sections
}

/** Sections that are there to their end, which another one marks; those called `end…` mark nothing but that. */
export function wholeOf(sections: Sections): string[] {
  const names = [...sections.keys()].filter((name) => name !== '')
  return names.at(-1)?.startsWith('end') ? names : names.slice(0, -1)
}

/** Whether a section has begun, which ends the one before it. */
export function hasBegun(output: Buffer, boundary: string, name: string): boolean {
  return output.includes(`${boundary} ${name}\n`)
}

/** Lines with something in them, the newest `most`, each cut to what the evidence takes. */
export function linesOf(text: string | undefined, most: number): string[] {
  const lines = (text ?? '').split('\n').filter((line) => line.trim() !== '')
  return lines.slice(-most).map((line) => line.slice(0, 1900).trimEnd())
}
