// `npm run bench [-- PART…]`: measures on real parts and writes the parts' sections of bench/RESULTS.md; the others stay as they are.
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { bringUp } from './bring-up.ts'
import { diagnosis } from './diagnosis.ts'
import { images } from './images.ts'

const PARTS: Readonly<Record<string, { readonly title: string; readonly measure: () => Promise<string> }>> = {
  'bring-up': { title: 'A bring-up', measure: bringUp },
  images: { title: 'Building images', measure: images },
  diagnosis: { title: 'Diagnosis', measure: diagnosis },
}
const FILE = new URL('RESULTS.md', import.meta.url)

const asked = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(PARTS)
const unknown = asked.find((part) => !Object.hasOwn(PARTS, part))
if (unknown !== undefined) {
  console.error(`there is no part ${unknown} to measure; expected ${Object.keys(PARTS).join(' or ')}`)
  process.exit(2)
}
const before = sectionsOf(readFileSync(FILE, 'utf8'))
for (const part of asked) {
  const { title, measure } = PARTS[part]!
  const measured = `\`npm run bench -- ${part}\` repeats it. Machine: ${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}.\n\n${await measure()}`
  before.set(title, measured.trimEnd())
  console.log(`\n## ${title}\n\n${measured}`)
}
const sections = Object.values(PARTS).flatMap(({ title }) => (before.has(title) ? [`## ${title}\n\n${before.get(title)}\n`] : []))
writeFileSync(FILE, `# Measured\n\n\`npm run bench\` measures all of it and writes this file.\n\n${sections.join('\n')}`)

function sectionsOf(text: string): Map<string, string> {
  return new Map(text.split(/^## /m).slice(1).map((section) => [section.slice(0, section.indexOf('\n')), section.slice(section.indexOf('\n')).trim()]))
}
