import { readFileSync } from 'node:fs'

/** What the kernel or a file says; undefined where it says nothing, or not to this user. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
