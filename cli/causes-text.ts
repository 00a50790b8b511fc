import type { Cause } from '../diagnosis/cause.ts'
import { SOURCES } from '../diagnosis/evidence.ts'
import { cut, wrap } from '../diagnosis/printable.ts'
import { table } from './table.ts'

const LABEL = 12

/** The whole catalogue, a line each; below it what cannot be seen, and why. @param width columns */
export function causesText(causes: readonly Cause[], unseen: readonly { id: string; why: string }[], width: number): string {
  const rows = causes.map(({ id, name, phase, title }) => [id, name, phase, title])
  const lines = table([['ID', 'NAME', 'PHASE', 'WHAT IT IS'], ...rows]).trimEnd().split('\n')
  const hidden = unseen.map(({ id, why }) => labelled(id, why, width))
  return `${lines.map((line) => cut(line, width)).join('\n')}\n${hidden.length === 0 ? '' : `\nNot seen by diagnose, and why:\n${hidden.join('')}`}`
}

/** One cause in full. */
export function causeText({ id, name, title, phase, shows, needs, symptomOf = [], mend }: Cause, causes: readonly Cause[], width: number): string {
  const named = (other: string): string => `${other} ${causes.find((one) => one.id === other)?.name ?? ''}`.trim()
  return [
    `${id} ${name}: ${title}\n\n`,
    labelled('phase', phase, width),
    labelled('shows', shows, width),
    labelled('seen in', needs.map((source) => SOURCES[source]).join(', '), width),
    symptomOf.length === 0 ? '' : labelled('symptom of', symptomOf.map(named).join(', '), width),
    labelled('mend', mend, width),
  ].join('')
}

function labelled(label: string, text: string, width: number): string {
  return wrap(text, Math.max(20, width - LABEL - 2)).map((line, at) => `  ${(at === 0 ? label : '').padEnd(LABEL)}${line}\n`).join('')
}
