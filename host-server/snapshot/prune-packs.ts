import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** The last few revisions: a guest that is in the middle of one shall finish. */
const KEPT = 8
/** Milliseconds after which a file that was being written has no writer any more. */
const ABANDONED = 60 * 60_000

/** Removes packs that nobody asks for any more, and what a killed writer left. */
export async function prunePacks(content: string, inUse: readonly string[]): Promise<void> {
  const files = await Promise.all(
    (await readdir(content)).map(async (name) => ({ name, time: (await stat(join(content, name)).catch(() => undefined))?.mtimeMs ?? 0 })),
  )
  const packs = files.filter(({ name }) => /^[0-9a-f]{64}$/.test(name)).sort((a, b) => b.time - a.time)
  const old = packs.slice(KEPT).filter(({ name }) => !inUse.includes(join(content, name)))
  const abandoned = files.filter(({ name, time }) => name.startsWith('.new-') && time < Date.now() - ABANDONED)
  for (const { name } of [...old, ...abandoned]) await rm(join(content, name), { force: true })
}
