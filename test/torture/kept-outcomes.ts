import { appendFile, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheRoot } from '../../lab/cache.ts'
import { recipeDigest } from '../../lab/recipe-digest.ts'

/** What has been done of a run that takes hours, so that it goes on where it was broken off. */
export interface Kept<T> {
  readonly before: readonly T[]
  add(one: T): Promise<void>
}

/** Of earlier runs with this seed and this very daemon. @param name of the torture */
export async function keptOf<T>(name: string, seed: number): Promise<Kept<T>> {
  const folder = join(cacheRoot(), 'torture')
  await mkdir(folder, { recursive: true })
  const daemon = await recipeDigest(join(import.meta.dirname, '../../guest-bootstrap'))
  const file = join(folder, `${name}-${seed}-${daemon.slice(0, 16)}.jsonl`)
  const text = await readFile(file, 'utf8').catch(() => '')
  return {
    before: text.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as T),
    add: (one) => appendFile(file, `${JSON.stringify(one)}\n`),
  }
}
