import { lstatSync } from 'node:fs'
import { digestAt, digestOf, type Wanted } from './wanted.ts'
import type { InstallRecord } from './record.ts'

/** What lies on the host beside what shall lie there. Paths are without --root. */
export interface Comparison {
  /** Missing, or an older one of ours. */
  readonly write: readonly Wanted[]
  /** Ours, and not wanted any more. */
  readonly remove: readonly string[]
  /** Ours once, and changed by somebody since: they stay. */
  readonly kept: readonly string[]
  /** There, and never ours. */
  readonly foreign: readonly string[]
  /** Digests of all that is wanted. */
  readonly digests: ReadonlyMap<string, string>
}

/** @param at a path of the host's as it is reached from here */
export function compare(wanted: readonly Wanted[], record: InstallRecord | undefined, at: (path: string) => string): Comparison {
  const [write, kept, foreign]: [Wanted[], string[], string[]] = [[], [], []]
  const digests = new Map<string, string>()
  const recorded = (path: string): readonly string[] | undefined => (record !== undefined && Object.hasOwn(record.files, path) ? record.files[path] : undefined)
  for (const one of wanted) {
    const digest = digestOf(one)
    digests.set(one.path, digest)
    const there = digestAt(at(one.path))
    if (there === undefined) write.push(one)
    else if (there === digest) {
      if (!('link' in one) && (lstatSync(at(one.path)).mode & 0o777) !== one.mode) write.push(one)
    } else if (recorded(one.path) === undefined) foreign.push(one.path)
    else if (recorded(one.path)!.includes(there)) write.push(one)
    else kept.push(one.path)
  }
  const remove: string[] = []
  for (const [path, ours] of Object.entries(record?.files ?? {})) {
    if (digests.has(path)) continue
    const there = digestAt(at(path))
    if (there !== undefined) (ours.includes(there) ? remove : kept).push(path)
  }
  return { write, remove, kept, foreign, digests }
}
