import t from 'tap'
import { Turns } from '../../../host-server/attestation/turns.ts'

const PATIENT = new AbortController().signal

t.test('so many run at once, the others in the order in which they came', async (t) => {
  const turns = new Turns({ atOnce: 2, each: 1 })
  const started: number[] = []
  const ends = Array.from({ length: 6 }, () => Promise.withResolvers<void>())
  const all = ends.map(({ promise }, number) => turns.run(`guest ${number}`, PATIENT, async () => {
    started.push(number)
    await promise
    return number
  }))
  for (let done = 0; done < 6; done++) {
    await new Promise(setImmediate)
    t.same(started, [0, 1, 2, 3, 4, 5].slice(0, done + 2))
    ends[done]!.resolve()
    t.equal(await all[done], done)
  }
})

t.test('a task that fails gives its place on', async (t) => {
  const turns = new Turns({ atOnce: 1, each: 2 })
  const failing = turns.run('a', PATIENT, async () => Promise.reject(new Error('no')))
  const next = turns.run('a', PATIENT, async () => 'well')
  await t.rejects(failing, { message: 'no' })
  t.equal(await next, 'well')
  t.equal(await turns.run('a', PATIENT, async () => 'again'), 'again')
})

t.test('who claims to be many is turned away, and holds nobody up', async (t) => {
  const turns = new Turns({ atOnce: 3, each: 2 })
  const end = Promise.withResolvers<void>()
  const flood = Array.from({ length: 100 }, () => turns.run('flood', PATIENT, () => end.promise).catch((error: Error) => error.message))
  t.equal(await turns.run('guest', PATIENT, async () => 'served'), 'served')
  end.resolve()
  const said = await Promise.all(flood)
  t.same(said.filter((one) => one === 'flood asks for 2 at the same time already').length, 98)
})

t.test('whoever loses patience leaves the queue, and takes nobody with it', async (t) => {
  const turns = new Turns({ atOnce: 1, each: 1 })
  const end = Promise.withResolvers<void>()
  const first = turns.run('first', PATIENT, () => end.promise)
  const leaving = new AbortController()
  const second = turns.run('second', leaving.signal, async () => t.fail('ran'))
  const third = turns.run('third', PATIENT, async () => 'served')
  leaving.abort()
  await t.rejects(second, { name: 'TooMany', message: '1 others wait too' })
  await t.rejects(turns.run('late', AbortSignal.abort(), async () => t.fail('ran')), { name: 'TooMany' })
  end.resolve()
  await first
  t.equal(await third, 'served')
})
