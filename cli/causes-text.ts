import { PHASES, type Cause } from '../diagnosis/cause.ts'
import { SOURCES } from '../diagnosis/evidence.ts'
import { wrap } from '../diagnosis/printable.ts'

const LABEL = 12
/** Of what stands beside a label, on the narrowest terminal. */
const NARROWEST = 20

/** The whole catalogue, phase by phase; below it what cannot be seen, and why. @param width columns */
export function causesText(causes: readonly Cause[], unseen: readonly { id: string; why: string }[], width: number): string {
  const heads = causes.map(({ id, name }) => `  ${id.padEnd(4)} ${name}`)
  const room = Math.max(...heads.map(({ length }) => length)) + 2
  const blocks = PHASES.map((phase) => {
    const own = causes.flatMap((cause, at) => (cause.phase === phase ? [beside(heads[at]!, room, cause.title, width)] : []))
    return own.length === 0 ? '' : `${phase}\n${own.join('')}\n`
  })
  const hidden = unseen.map(({ id, why }) => labelled(id, why, width))
  return `${blocks.join('').trimEnd()}\n${hidden.length === 0 ? '' : `\nNot seen by diagnose, and why:\n${hidden.join('')}`}\n  trovestrap causes ID      tells how one shows, where it is seen, and what mends it\n`
}

/** One cause in full. */
export function causeText({ id, name, title, phase, shows, needs, symptomOf = [], mend }: Cause, causes: readonly Cause[], width: number): string {
  const named = (other: string): string => `${other} ${causes.find((one) => one.id === other)?.name ?? ''}`.trim()
  return [
    ...wrap(`${id} ${name}: ${title}`, width).map((line) => `${line}\n`),
    '\n',
    labelled('phase', phase, width),
    labelled('shows', shows, width),
    labelled('seen in', needs.map((source) => SOURCES[source]).join(', '), width),
    symptomOf.length === 0 ? '' : labelled('symptom of', symptomOf.map(named).join(', '), width),
    labelled('mend', mend, width),
  ].join('')
}

function labelled(label: string, text: string, width: number): string {
  return beside(`  ${label}`, LABEL + 2, text, width)
}

/** @param room columns that the head has, on every line */
function beside(head: string, room: number, text: string, width: number): string {
  return wrap(text, Math.max(NARROWEST, width - room)).map((line, at) => `${(at === 0 ? head : '').padEnd(room)}${line}\n`).join('')
}
