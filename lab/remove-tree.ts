import { asRoot, run } from './run.ts'

/**
 * Removes a folder with all that is in it. A system tree whose builder was killed may have /dev or /proc mounted in it:
 * what is mounted is never entered. Files of root are removed by sudo when we are not root.
 */
export async function removeTree(folder: string): Promise<void> {
  const command = ['rm', '-rf', '--one-file-system', '--', folder]
  await run(command).catch(() => run(asRoot(command)))
}
