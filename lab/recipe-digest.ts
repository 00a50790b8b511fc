import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'

/** Hex SHA-256 over the names and the content of all files in a folder, and over further words that decide a result. */
export async function recipeDigest(folder: string, ...words: string[]): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const hash = createHash('sha256').update(JSON.stringify(words))
  for (const file of files.sort()) hash.update(JSON.stringify(relative(folder, file))).update(await readFile(file))
  return hash.digest('hex')
}

/** Hex SHA-256 over words that decide a result. */
export function digestOf(...words: string[]): string {
  return createHash('sha256').update(JSON.stringify(words)).digest('hex')
}
