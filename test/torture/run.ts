// `npm run torture -- NAME… [--seed N]`: does something bad to real parts and writes what came of it into bench/RESULTS.md. Without a name it
// lists them. Each has a share in `npm test`, test/torture/NAME.test.ts.
import { parseArgs } from 'node:util'
import { heading, keepResults } from '../../bench/results.ts'
import { seededRandom } from '../guests/seeded-random.ts'
import { TORTURES } from './list.ts'
import type { Figure } from './torture.ts'

const { values, positionals: names } = parseArgs({ allowPositionals: true, options: { seed: { type: 'string', default: '1' } } })
const seed = Number(values.seed)
const unknown = names.find((name) => !Object.hasOwn(TORTURES, name))
if (unknown !== undefined || !Number.isSafeInteger(seed)) {
  console.error(unknown === undefined ? `expected a whole number as --seed, got ${values.seed}` : `there is no torture ${unknown}; expected ${Object.keys(TORTURES).join(', ')}`)
  process.exit(2)
}
if (names.length === 0) {
  for (const [name, load] of Object.entries(TORTURES)) {
    const { purpose, takes } = await load()
    console.log(`${name.padEnd(12)} ${purpose} (${takes})`)
  }
}
for (const name of names) {
  const torture = await TORTURES[name]!()
  console.log(`\n== ${name}, seed ${seed}: ${torture.purpose}`)
  const figures = await torture.run({ size: 'full', random: seededRandom(seed), say: (line) => console.log(`   ${line}`) })
  const text = `${torture.purpose}\n\n${heading(`npm run torture -- ${name} --seed ${seed}`)}\n\n${table(figures)}`
  keepResults(new Map([[`Torture: ${name}`, text]]), [])
  console.log(table(figures))
  if (figures.some(({ met }) => !met)) process.exitCode = 1
}

function table(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, measured, wanted, met }) => `| ${name} | ${measured} | ${wanted}${met ? '' : ' ✗'} |`)
  return ['| figure | measured | wanted |', '|---|---|---|', ...rows, ''].join('\n')
}
