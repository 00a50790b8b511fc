import './enter.ts'
import root from 'tap'

/**
 * Runs test files one after the other in this process, so that they share one cloud.
 * @param names of files here, without .test.ts
 */
export async function inOneCloud(names: readonly string[]): Promise<void> {
  for (const name of names) {
    await import(`./${name}.test.ts`).catch((error: unknown) => root.fail(`${name}.test.ts breaks off`, { error }))
  }
}
