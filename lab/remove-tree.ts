import { rm } from 'node:fs/promises'
import { asRoot, run } from './run.ts'

/** Removes a folder with all that is in it, also where a system tree in it belongs to root. */
export async function removeTree(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true })
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code !== 'EACCES' && code !== 'EPERM') throw error
    await run(asRoot(['rm', '-rf', '--one-file-system', '--', folder]))
  }
}
