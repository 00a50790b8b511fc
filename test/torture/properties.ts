import fc from 'fast-check'
import { PARSERS } from './properties/list.ts'
import type { Parser } from './properties/law.ts'
import { figure, type Figure, type Torture, type TortureRun } from './torture.ts'

const CASES = { short: 4_000, full: 1_000_000 }

/** Every parser of what comes from outside, and its laws. */
export const properties: Torture = {
  name: 'properties',
  purpose: `every parser of foreign data is given what is random and what was valid before it was changed: a value or the refusal that is documented, in bounded time, nothing outside touched, and no foreign byte in the refusal that speaks to a terminal`,
  takes: 'half an hour',

  async run(run) {
    const shares = sharesOf(CASES[run.size])
    const figures: Figure[] = []
    for (const parser of PARSERS) figures.push(await tried(parser, shares.get(parser)!, run))
    return figures
  },
}

/** As many cases for each, but for those that are dear; all together at least so many. */
function sharesOf(total: number): ReadonlyMap<Parser, number> {
  const weights = PARSERS.map(({ cost = 1 }) => 1 / cost)
  const each = total / weights.reduce((sum, weight) => sum + weight, 0)
  return new Map(PARSERS.map((parser, index) => [parser, each * weights[index]!]))
}

async function tried(parser: Parser, share: number, { random, say }: TortureRun): Promise<Figure> {
  await using held = new AsyncDisposableStack()
  const laws = Object.entries(await parser.laws(held))
  let [cases, failures] = [0, 0]
  for (const [says, law] of laws) {
    const outcome = await fc.check(law, { seed: Math.floor(random() * 2 ** 31), numRuns: Math.ceil(share / laws.length) })
    cases += outcome.numRuns
    if (!outcome.failed) continue
    failures++
    say(`${parser.name}: not true that ${says}, seed ${outcome.seed} path ${outcome.counterexamplePath}: ${fc.stringify(outcome.counterexample).slice(0, 2000)}`)
    say(String((outcome.errorInstance as Error | null)?.stack ?? outcome.errorInstance).slice(0, 1500))
  }
  say(`${parser.name}: ${cases} cases`)
  const many = laws.length === 1 ? '1 law' : `${laws.length} laws`
  return figure(parser.name, `${cases} cases, ${many}, ${failures} failures`, 'no failure', failures === 0)
}
