import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'

const FILE = new URL('RESULTS.md', import.meta.url)

/** Puts measurements into bench/RESULTS.md, in the order of `titles`; sections that are not measured now stay as they are. */
export function keepResults(measured: ReadonlyMap<string, string>, titles: readonly string[]): void {
  const sections = new Map([...sectionsOf(readFileSync(FILE, 'utf8')), ...measured])
  const others = [...sections.keys()].filter((title) => !titles.includes(title))
  const text = [...titles, ...others].flatMap((title) => (sections.has(title) ? [`## ${title}\n\n${sections.get(title)!.trimEnd()}\n`] : []))
  writeFileSync(FILE, `# Measured\n\n\`npm run bench\` and \`npm run torture\` measure all of it and write this file.\n\n${text.join('\n')}`)
}

/** How to repeat it, on which machine it was measured, and when. @param command as it is typed */
export function heading(command: string): string {
  return `\`${command}\` repeats it. Machine: ${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}.`
}

function sectionsOf(text: string): Map<string, string> {
  return new Map(text.split(/^## /m).slice(1).map((section) => [section.slice(0, section.indexOf('\n')), section.slice(section.indexOf('\n')).trim()]))
}
