import { glob, stat } from 'node:fs/promises'

const MOST_FILES = 500

/** @param patterns paths, `*` allowed @returns the file that was written to last, one that holds something before an empty one; undefined when there is none */
export async function newestFile(patterns: readonly string[]): Promise<string | undefined> {
  const found: { path: string; size: number; changed: number }[] = []
  for await (const path of glob([...patterns])) {
    if (found.length >= MOST_FILES) break
    const seen = await stat(path).catch(() => undefined)
    if (seen?.isFile()) found.push({ path, size: seen.size, changed: seen.mtimeMs })
  }
  return found.sort((a, b) => Number(b.size > 0) - Number(a.size > 0) || b.changed - a.changed)[0]?.path
}
