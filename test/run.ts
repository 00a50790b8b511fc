// `npm test`: the type check, then every unit test side by side, then the tests that boot guests and the short ones of the
// whole cloud, two at a time.
// Ends with one line that counts the tests, by their titles.
import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { once } from 'node:events'
import { join } from 'node:path'
import { styleText } from 'node:util'
import { Parser } from 'tap-parser'
import { cacheRoot } from '../lab/cache.ts'

const ROOT = new URL('..', import.meta.url).pathname
const GUESTS = 'test/guests/'
const CLOUD = 'test/cloud/'
/** Three hundred processes load much the same modules. */
const COMPILED = join(cacheRoot(), 'compile')
/** Begins first, because it takes longest to begin. */
const SHORT_OF_CLOUD = 'test/cloud/short.ts'

interface Counts {
  pass: number
  fail: number
  skip: number
}

async function main(): Promise<void> {
  const total: Counts = { pass: 0, fail: 0, skip: 0 }
  const files = process.argv.length > 2 ? process.argv.slice(2) : [SHORT_OF_CLOUD, ...globSync('test/**/*.test.ts', { cwd: ROOT }).filter((file) => !file.startsWith(CLOUD)).sort()]
  const machines = (file: string) => file.startsWith(GUESTS) || file.startsWith(CLOUD)
  const [guests, units] = [files.filter(machines), files.filter((file) => !machines(file))]
  await count(total, 'types', () => run(['tsc'], (line) => console.log(line)))
  await run(['tap', 'build'], () => {})
  if (units.length > 0) await count(total, `unit tests (${units.length} files)`, () => tap(units, { jobs: 2, timeout: 240 }, total))
  if (guests.length > 0) await count(total, `guests that boot, and the cloud (${guests.length} files)`, () => tap(guests, { jobs: 2, timeout: 7200 }, total))
  console.log(`${total.pass} passed, ${total.fail} failed, ${total.skip} skipped`)
  process.exitCode = total.fail === 0 && total.pass > 0 ? 0 : 1
}

/** A part that ends badly without a failed assertion of its own (a crash, a type error) is one failure. */
async function count(total: Counts, title: string, part: () => Promise<number>): Promise<void> {
  console.log(`\n== ${title}`)
  const began = performance.now()
  const failedBefore = total.fail
  const status = await part()
  if (status !== 0 && total.fail === failedBefore) total.fail++
  console.log(`== ${title}: ${status === 0 ? 'well' : 'FAILED'}, ${Math.round((performance.now() - began) / 1000)} s`)
}

/** Shows each file when it ends, and of failures everything. @param limits files side by side; seconds for one file */
async function tap(files: string[], limits: { jobs: number; timeout: number }, total: Counts): Promise<number> {
  const parser = new Parser()
  parser.on('child', (file: Parser) => {
    show(file)
    file.on('assert', (test) => total[test.skip || test.todo ? 'skip' : test.ok ? 'pass' : 'fail']++)
  })
  parser.on('assert', (result) => {
    const seconds = ((result.time ?? 0) / 1000).toFixed(1)
    console.log(`${result.ok ? styleText('green', '✔') : styleText('red', '✘')} ${result.name} ${seconds} s`)
  })
  const complete = once(parser, 'complete')
  const status = await run(['tap', 'run', '--reporter=tap', `--jobs=${limits.jobs}`, `--timeout=${limits.timeout}`, ...files], (line) => parser.write(`${line}\n`))
  parser.end()
  await complete
  return status
}

/** Failed assertions with their diagnostics, below the file they are in; comments of guest tests say how far they are. */
function show(parser: Parser): void {
  parser.on('child', (child: Parser) => show(child))
  parser.on('comment', (comment: string) => {
    if (!/^# (Subtest|time)/.test(comment)) process.stdout.write(`    ${comment}`)
  })
  parser.on('assert', (result) => {
    if (!result.ok) console.log(`    ${styleText('red', 'not ok')} ${result.fullname ?? result.name}\n${indented(result.diag)}`)
  })
}

function indented(diagnostics: unknown): string {
  return JSON.stringify(diagnostics ?? {}, null, 2).replace(/\\n/g, '\n').replace(/^/gm, '      ')
}

async function run(command: string[], onLine: (line: string) => void): Promise<number> {
  const [program, ...args] = command
  const child = spawn(`${ROOT}node_modules/.bin/${program}`, args, { cwd: ROOT, env: { ...process.env, NODE_COMPILE_CACHE: COMPILED }, stdio: ['ignore', 'pipe', 'inherit'] })
  const { createInterface } = await import('node:readline')
  createInterface({ input: child.stdout }).on('line', onLine)
  const [code] = (await once(child, 'close')) as [number | null]
  return code ?? 1
}

await main()
