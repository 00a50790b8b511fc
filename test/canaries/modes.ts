import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { tracesOf, type Canary } from './canary.ts'

export interface Kept {
  /** Files that hold a canary. */
  readonly files: number
  /** Of them those that others than their owner may read or write, each with its mode. */
  readonly open: string[]
}

/** Looks into every file below a folder. */
export function secretFiles(folder: string, canaries: readonly Canary[], path = ''): Kept {
  const kept = { files: 0, open: [] as string[] }
  for (const name of readdirSync(join(folder, path))) {
    const inner = `${path}/${name}`
    const stat = lstatSync(join(folder, inner))
    if (stat.isDirectory()) {
      const { files, open } = secretFiles(folder, canaries, inner)
      kept.files += files
      kept.open.push(...open)
    } else if (stat.isFile() && tracesOf(canaries, readFileSync(join(folder, inner))).length > 0) {
      kept.files += 1
      if ((stat.mode & 0o077) !== 0) kept.open.push(`${inner} ${(stat.mode & 0o777).toString(8)}`)
    }
  }
  return kept
}
