import t from 'tap'
import { holdLock } from '../../lab/lock.ts'

t.test('a lock is held by one at a time, and everyone has their turn', async (t) => {
  const order: string[] = []
  const name = t.testdirName
  const turn = async (who: string) => {
    await using _lock = await holdLock(name, () => {})
    order.push(`${who} in`)
    await new Promise(setImmediate)
    order.push(`${who} out`)
  }
  await Promise.all(['a', 'b', 'c'].map(turn))
  t.equal(order.length, 6)
  for (let index = 0; index < 6; index += 2) t.equal(order[index]!.replace(' in', ''), order[index + 1]!.replace(' out', ''))
})

t.test('locks of different names do not wait for each other', async (t) => {
  await using _a = await holdLock(`${t.testdirName}/a`, () => t.fail('waited'))
  await using _b = await holdLock(`${t.testdirName}/b`, () => t.fail('waited'))
  t.pass()
})
