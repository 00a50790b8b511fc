import t from 'tap'
import { catalogue } from '../../diagnosis/catalogue.ts'
import { PHASES } from '../../diagnosis/cause.ts'
import { diagnose } from '../../diagnosis/diagnose.ts'
import { SOURCES } from '../../diagnosis/evidence.ts'
import { unseen } from '../../diagnosis/unseen.ts'
import { brokerOf, evidenceOf, recordOf, troveOf } from './seen-of.ts'

/** How many rows each group of the catalogue has. */
const ROWS = { N: 14, B: 10, C: 9, D: 13, E: 5, F: 9, G: 14, H: 6, I: 8, J: 6 } as const
const ids = Object.entries(ROWS).flatMap(([letter, rows]) => Array.from({ length: rows }, (_, at) => `${letter}${at + 1}`))

t.test('every row of the catalogue is a cause, or is listed with the reason why it cannot be seen', async (t) => {
  const known = [...catalogue, ...unseen].map(({ id }) => id)
  t.same(known.toSorted(), ids.toSorted())
  for (const { id, why } of unseen) t.ok(why.length > 30, `${id} has a reason`)
})

t.test('ids and names are told apart, and every cause is told in words', async (t) => {
  t.equal(new Set(catalogue.map(({ name }) => name)).size, catalogue.length)
  for (const { id, name, title, shows, mend, needs, symptomOf = [] } of catalogue) {
    t.match(name, /^[a-z][a-z0-9]*(-[a-z0-9]+)+$/, id)
    t.notMatch(title, /\.$|\n/, `${id}: a title is one sentence without a stop`)
    t.ok(title.length > 10 && shows.length > 10 && mend.length > 10 && title.length <= 130, `${id}: title, what it shows and what mends it`)
    t.ok(needs.length > 0 && needs.every((source) => source in SOURCES), `${id}: somebody can see it`)
    t.same(symptomOf.filter((other) => other === id || !ids.includes(other)), [], `${id}: is a symptom of causes that there are`)
  }
})

t.test('the earliest phase stands first', async (t) => {
  const order = catalogue.map(({ phase }) => PHASES.indexOf(phase))
  t.same(order, order.toSorted((one, other) => one - other))
})

t.test('no cause is a symptom of itself in a roundabout way', async (t) => {
  const above = new Map(catalogue.map(({ id, symptomOf = [] }) => [id, symptomOf]))
  const rounds = (id: string, way: readonly string[]): string[][] => (way.includes(id) ? [[...way, id]] : (above.get(id) ?? []).flatMap((other) => rounds(other, [...way, id])))
  t.same(catalogue.flatMap(({ id }) => rounds(id, [])).slice(0, 3), [])
})

t.test('where nothing was seen, nothing is said; of a healthy instance neither', async (t) => {
  const nothing = diagnose(evidenceOf())
  t.match(nothing, { verdict: 'unknown', findings: [], undecided: [], broken: [] })
  const healthy = evidenceOf({ record: recordOf({ stage: 'ready', state: 'done', ago: 180 }), broker: brokerOf(1), trove: troveOf('healthy', 12) })
  t.match(diagnose(healthy), { verdict: 'healthy', findings: [], broken: [] })
})
