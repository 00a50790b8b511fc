import t from 'tap'
import { atLeast, backoff, worthSaying } from '../../guest-bootstrap/backoff.ts'

t.test('the wait doubles from one second up to the limit', async (t) => {
  t.same([1, 2, 3, 4, 5, 6, 1000].map((attempt) => backoff(attempt, 15, 0)), [1, 2, 4, 8, 15, 15, 15])
})

t.test('chance takes up to a quarter away and never adds', async (t) => {
  t.same([0, 0.5, 1].map((chance) => backoff(5, 30, chance)), [16, 14, 12])
})

t.test('a failure that repeats is said three times, then with a growing gap of at most a minute', async (t) => {
  const said: number[] = []
  let last = 0
  for (let second = 0; second <= 300; second++) {
    if (worthSaying(said.length, second - last)) {
      said.push(second)
      last = second
    }
  }
  t.same(said, [0, 1, 2, 7, 17, 37, 77, 137, 197, 257])
})

t.test('those who were told the same time do not come back together, and none comes too early', async (t) => {
  t.same([0, 0.5, 1].map((chance) => atLeast(20, 1, chance)), [20, 22.5, 25])
  t.equal(atLeast(undefined, 7, 1), 7)
})
