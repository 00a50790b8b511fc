import type { LogSeen } from '../../evidence.ts'
import { systemReason } from '../../system-reason.ts'
import { CannotSee } from '../collector.ts'
import { newestLines, type TailLimits } from '../log-tail.ts'
import { journalTail } from './journal-tail.ts'
import { newestFile } from './newest-file.ts'

/** Where a program's log may be: files first, the journal of its units where there is no file. */
export interface LogPlace {
  /** `*` allowed; of several files the newest counts. */
  readonly paths: readonly string[]
  readonly units: readonly string[]
}

/** What somebody says of it: one file and nothing else, or other places than the usual ones. */
export interface LogOptions extends Partial<LogPlace> {
  readonly path?: string
}

export function placeOf(usual: LogPlace, { path, ...other }: LogOptions = {}): LogPlace {
  return path === undefined ? { ...usual, ...other } : { paths: [path], units: [] }
}

export interface LogWish extends TailLimits {
  /** Number of lines. */
  readonly most: number
  readonly want?: (line: string) => boolean
}

/** @throws CannotSee naming every place that was tried */
export async function readLog(name: string, { paths, units }: LogPlace, { most, want = () => true, ...limits }: LogWish): Promise<LogSeen> {
  const path = await newestFile(paths)
  const tried: string[] = []
  if (path === undefined) tried.push(`there is no ${paths.join(' or ')}`)
  else {
    try {
      return { name, path, lines: await newestLines(path, most, limits, want) }
    } catch (error) {
      limits.signal?.throwIfAborted()
      tried.push(`${path}: ${systemReason(error)}`)
    }
  }
  const lines = units.length === 0 ? [] : await journalTail(units, most, limits.signal)
  if (lines.length > 0) return { name, path: `journalctl ${units.map((unit) => `-u ${unit}`).join(' ')}`, lines: lines.filter(want) }
  if (units.length > 0) tried.push(`the journal has nothing of ${units.join(', ')}`)
  throw new CannotSee(`${name}: ${tried.join('; ')}`)
}
