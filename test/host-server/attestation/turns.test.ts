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

t.test('after failures fewer run at once, and more again as it goes well', async (t) => {
  const turns = new Turns({ atOnce: 8, each: 1 })
  /** How many of twenty run side by side when nothing ends. */
  const side = async (outcome: () => Promise<unknown>): Promise<number> => {
    const open = Promise.withResolvers<void>()
    let running = 0
    const all = Array.from({ length: 20 }, (_, number) => turns.run(`guest ${number}`, PATIENT, async () => {
      running++
      await open.promise
      return await outcome()
    }).catch(() => {}))
    await new Promise(setImmediate)
    const seen = running
    open.resolve()
    await Promise.all(all)
    return seen
  }
  t.equal(await side(async () => Promise.reject(new Error('no answer in time'))), 8)
  t.equal(await side(async () => 'well'), 1)
  const again = await side(async () => 'well')
  t.ok(again > 1 && again < 8, `${again} after twenty that went well`)
  for (let round = 0; round < 3; round++) await side(async () => 'well')
  t.equal(await side(async () => 'well'), 8)
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
