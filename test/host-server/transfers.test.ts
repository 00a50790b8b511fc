import { randomUUID } from 'node:crypto'
import t from 'tap'
import { Refused } from '../../host-server/refused.ts'
import { Transfers } from '../../host-server/transfers.ts'

const LIMITS = { atOnce: 2, hold: 60_000, patience: 60_000, ofOne: 4 }

/** One client: when its turn came, and how it goes. */
function client(transfers: Transfers, caller: string = randomUUID()) {
  const gone = new AbortController()
  const state = { served: false }
  const turn = transfers.turn(gone.signal, caller).then(() => void (state.served = true))
  return { state, turn, end: () => gone.abort() }
}
const settled = () => new Promise((resolve) => setImmediate(resolve))

t.test('a few are served at once, the others in the order in which they came', async (t) => {
  const transfers = new Transfers(LIMITS)
  const clients = [1, 2, 3, 4].map(() => client(transfers))
  await settled()
  t.same(clients.map(({ state }) => state.served), [true, true, false, false])
  clients[1]!.end()
  await settled()
  t.same(clients.map(({ state }) => state.served), [true, true, true, false])
  clients[0]!.end()
  await settled()
  t.same(clients.map(({ state }) => state.served), [true, true, true, true])
  for (const { end } of clients) end()
  const next = [client(transfers), client(transfers), client(transfers)]
  await settled()
  t.same(next.map(({ state }) => state.served), [true, true, false], 'every place came back, once')
  next[0]!.end()
  await next[2]!.turn
})

t.test('a slow client does not keep its place', async (t) => {
  const transfers = new Transfers({ ...LIMITS, atOnce: 1, hold: 5 })
  const slow = client(transfers)
  await slow.turn
  await client(transfers).turn
  slow.end()
  t.ok(slow.state.served)
})

t.test('who would wait too long is told when to ask again, spread over several seconds', async (t) => {
  const transfers = new Transfers({ ...LIMITS, atOnce: 1, patience: 5 })
  await client(transfers).turn
  const refusals = await Promise.all(Array.from({ length: 40 }, () => client(transfers).turn.catch((error: unknown) => error as Refused)))
  for (const refusal of refusals) t.match(refusal, { statusCode: 503, code: 'BUSY' })
  const waits = new Set(refusals.map((refusal) => (refusal as Refused).retryAfter))
  t.ok(waits.size > 2)
  t.ok([...waits].every((wait) => wait! >= 2 && wait! < 10))
})

t.test('who hangs up while it waits leaves the queue', async (t) => {
  const transfers = new Transfers({ ...LIMITS, atOnce: 1 })
  const [first, gone, last] = [client(transfers), client(transfers), client(transfers)]
  gone.end()
  await t.rejects(gone.turn, { code: 'BUSY' })
  first.end()
  await last.turn
  t.ok(last.state.served)
})

t.test('one who asks often has a few places and turns, and the others the rest', async (t) => {
  const transfers = new Transfers({ ...LIMITS, atOnce: 3 })
  const greedy = [1, 2, 3, 4].map(() => client(transfers, 'greedy'))
  await settled()
  t.same(greedy.map(({ state }) => state.served), [true, true, true, false])
  await t.rejects(client(transfers, 'greedy').turn, { statusCode: 503, code: 'BUSY' })
  const other = client(transfers, 'other')
  greedy[0]!.end()
  greedy[1]!.end()
  await other.turn
  greedy[3]!.end()
  await client(transfers, 'greedy').turn
  t.pass('what was given back may be had again')
})
