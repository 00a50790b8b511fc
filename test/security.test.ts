// Each promise of SECURITY.md names the tests that hold it, and they are there.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const ROOT = join(import.meta.dirname, '..')
const text = readFileSync(join(ROOT, 'SECURITY.md'), 'utf8')
/** What says itself that it is not ours to hold, or is told and not promised. */
const NO_PROMISE = /is Trove's design and not ours to mend/

t.test('every promise names a test that is there', async (t) => {
  const promises = text.split('\n').filter((line) => line.startsWith('- ') && !NO_PROMISE.test(line))
  t.ok(promises.length > 30)
  for (const promise of promises) {
    const named = [...promise.matchAll(/`(test\/[^`]+\.test\.ts)`/g)].map(([, file]) => file!)
    t.ok(named.length > 0, `names a test: ${promise}`)
    for (const file of named) t.ok(existsSync(join(ROOT, file)), `${file} is there`)
  }
})

t.test('every verb in "When something leaks" exists', async (t) => {
  const { buildProgram } = await import('../cli/main.ts')
  const typed = [...text.slice(text.indexOf('## When something leaks')).matchAll(/^ {2}trovestrap (\S+)(?: (--[\w-]+))?/gm)]
  t.ok(typed.length > 8)
  for (const [, verb, option] of typed) {
    const program = await buildProgram([verb!])
    const command = program.commands.find((one) => one.name() === verb)
    t.ok(command, `trovestrap ${verb}`)
    if (option !== undefined) t.ok(command?.options.some(({ long }) => long === option), `trovestrap ${verb} ${option}`)
  }
})
