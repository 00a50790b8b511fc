// `npm run torture -- NAME… [--seed N] [--count N]`: does something bad to real parts and writes what came of it into bench/RESULTS.md. Without a name it
// lists them. Each has a share in `npm test`, test/torture/NAME.test.ts.
import { parseArgs } from 'node:util'
import { heading, keepResults } from '../../bench/results.ts'
import { seededRandom } from '../guests/seeded-random.ts'
import { TORTURES } from './list.ts'
import type { Figure } from './torture.ts'

const { values, positionals: names } = parseArgs({ allowPositionals: true, options: { seed: { type: 'string', default: '1' }, count: { type: 'string' } } })
const seed = Number(values.seed)
const count = values.count === undefined ? undefined : Number(values.count)
const unknown = names.find((name) => !Object.hasOwn(TORTURES, name))
if (unknown !== undefined || !Number.isSafeInteger(seed) || !(count === undefined || count > 0)) {
  console.error(unknown === undefined ? `expected whole numbers as --seed and --count, got ${values.seed} and ${values.count ?? 'nothing'}` : `there is no torture ${unknown}; expected ${Object.keys(TORTURES).join(', ')}`)
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
  const keep = (figures: readonly Figure[]): void => {
    const text = `${torture.purpose}\n\n${heading(`npm run torture -- ${name} --seed ${seed}`)}\n\n${table(figures)}`
    keepResults(new Map([[`Torture: ${name}`, text]]), [])
  }
  const figures = await torture.run({ size: 'full', seed, random: seededRandom(seed), say: (line) => console.log(`   ${line}`), keep, ...(count === undefined ? {} : { count }) })
  keep(figures)
  console.log(table(figures))
  if (figures.some(({ met }) => !met)) process.exitCode = 1
}

function table(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, measured, wanted, met }) => `| ${name} | ${measured} | ${wanted}${met ? '' : ' ✗'} |`)
  return ['| figure | measured | wanted |', '|---|---|---|', ...rows, ''].join('\n')
}
