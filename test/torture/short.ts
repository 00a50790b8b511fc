import type { Test } from 'tap'
import { seededRandom } from '../guests/seeded-random.ts'
import type { Torture } from './torture.ts'

/** The share of a torture that `npm test` takes; its seed is fixed. */
export async function short(t: Test, torture: Torture): Promise<void> {
  const figures = await torture.run({ size: 'short', seed: 1, random: seededRandom(1), say: (line) => t.comment(line) })
  t.ok(figures.length > 0, 'something was measured')
  for (const { name, measured, wanted, met } of figures) t.ok(met, `${name}: ${measured}, wanted ${wanted}`)
}
