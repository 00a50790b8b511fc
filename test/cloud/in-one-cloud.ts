import './enter.ts'
import root from 'tap'

/**
 * Runs test files one after the other in this process, so that they share one cloud. Each awaits its tests, and what it
 * has to undo at its end is undone before the next begins.
 * @param names of files here, without .test.ts
 */
export async function inOneCloud(names: readonly string[]): Promise<void> {
  // root.teardown itself makes tap end as soon as no test is pending; what a file prepares before its first is none.
  root.teardown = root.after.bind(root)
  await import('./the-cloud.ts')
  for (const name of names) await alone(name)
  root.end()
}

async function alone(name: string): Promise<void> {
  const atItsEnd: (() => unknown)[] = []
  root.teardown = (undo) => void atItsEnd.unshift(undo)
  try {
    await import(`./${name}.test.ts`)
    for (const undo of atItsEnd) await undo()
  } catch (error) {
    root.fail(`${name}.test.ts breaks off: ${error instanceof Error ? error.stack : error}`)
  }
}
