import t from 'tap'
import { isWorthTelling, type ToldOnce } from '../../guest-bootstrap/agent/worth-telling.ts'

function told(times: readonly [number, string][]): number[] {
  let said: ToldOnce[] = []
  return times.flatMap(([now, text]) => {
    const answer = isWorthTelling(said, text, now)
    said = answer.said
    return answer.worth ? [now] : []
  })
}

t.test('the same end every ten seconds is told with growing distance, for ever', async (t) => {
  const day = Array.from({ length: 8640 }, (_, index): [number, string] => [index * 10, `status 1: pid ${index} at 0x7f${index}`])
  const at = told(day)
  t.same(at.slice(0, 6), [0, 60, 180, 420, 900, 1500])
  t.ok(at.length < 150, `${at.length} a day`)
})

t.test('an end with other words is told at once, and two that take turns are not told each time', async (t) => {
  t.same(told([[0, 'one'], [10, 'other'], [20, 'one'], [30, 'other'], [61, 'one']]), [0, 10, 61])
})
