import { readFileSync, writeFileSync } from 'node:fs'
import type { Outcome } from './run-fault.ts'

/** What is kept of an outcome beside its recording: what cannot be had from it again. */
export interface KeptOutcome {
  /** Seconds of diagnose as a process. */
  readonly took: number
  /** Seconds from the mending on the host to a guest that is ready, or healthy. */
  readonly mended?: number
  readonly trouble?: string
}


const FILE = new URL('../../test/diagnosis/outcomes.json', import.meta.url)

/** By the fault's name. */
export function keptOutcomes(): Record<string, KeptOutcome> {
  try {
    return JSON.parse(readFileSync(FILE, 'utf8')) as Record<string, KeptOutcome>
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw error
  }
}

/** Keeps one beside the others; the newest of a name counts. */
export function keepOutcome({ fault, took, mended, trouble }: Outcome): void {
  const kept = { took: round(took), ...(mended === undefined ? {} : { mended: round(mended) }), ...(trouble === undefined ? {} : { trouble: trouble.split('\n')[0]!.slice(0, 200) }) }
  const all = Object.entries({ ...keptOutcomes(), [fault.name]: kept }).toSorted(([a], [b]) => a.localeCompare(b))
  writeFileSync(FILE, `${JSON.stringify(Object.fromEntries(all), null, 1)}\n`)
}

const round = (seconds: number): number => Math.round(seconds * 10) / 10
