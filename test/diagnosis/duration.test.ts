import t from 'tap'
import { duration } from '../../diagnosis/duration.ts'

t.test('a duration is told in the largest unit that it fills twice', async (t) => {
  const cases: [number, string][] = [[-3, '0 s'], [0.4, '0 s'], [119, '119 s'], [120, '2 min'], [7199, '119 min'], [7200, '2 h'], [172_799, '47 h'], [172_800, '2 d']]
  for (const [seconds, text] of cases) t.equal(duration(seconds), text)
})
