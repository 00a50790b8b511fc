import './enter.ts'
import root from 'tap'

/**
 * Runs test files one after the other in this process, so that they share one cloud.
 * @param names of files here, without .test.ts
 */
export async function inOneCloud(names: readonly string[]): Promise<void> {
  // Once something is to be done at the end, tap ends by itself when no test is pending; what a file prepares before its first is none.
  root.teardown = root.after.bind(root)
  for (const name of names) {
    await import(`./${name}.test.ts`).catch((error: unknown) => root.fail(`${name}.test.ts breaks off`, { error }))
  }
  root.end()
}
