import t from 'tap'
import { clockOff } from '../../guest-bootstrap/clock-off.ts'
import { askHost } from '../../guest-bootstrap/host.ts'
import { MEMORY, recall, remember } from '../../guest-bootstrap/memory.ts'
import { readAll } from '../../guest-bootstrap/read-all.ts'
import { machine } from './machine.ts'
import { tlsHost } from './tls-host.ts'

const DAY = 86_400_000

t.test('a few hours are told, more than a day is a fault, and a host without a clock is none', async (t) => {
  const { system, clock } = machine(t)
  const date = new Date(Math.floor(clock.now / 1000) * 1000)
  const answer = { headers: { date: date.toUTCString() } }
  clock.now = date.getTime() + 3 * 3600_000
  t.equal(clockOff(system, 'https://h:1', answer), 3 * 3600)
  t.equal(clockOff(system, 'https://h:1', { headers: {} }), undefined)
  for (const off of [2 * DAY, -2 * DAY]) {
    clock.now = date.getTime() + off
    t.throws(() => clockOff(system, 'https://h:1', answer), { code: 'CLOCK_OFF', details: { off_seconds: off / 1000 } })
  }
})

t.test('a clock that jumps is seen in the next answer over a connection that is there, again and again, and costs no connection', async (t) => {
  const host = await tlsHost(t, (_request, response) => void response.end('x'.repeat(200_000)))
  const { system, clock } = machine(t, { ca: host.ca })
  const ask = async (): Promise<number> => {
    remember(system.files, MEMORY.host, { url: host.url, uptime: 0 })
    return (await readAll((await askHost(system, '/v1/manifest', [200])).body, 1e6)).length
  }
  t.equal(await ask(), 200_000)
  clock.now += 3650 * DAY
  for (let time = 0; time < 5; time++) await t.rejects(ask(), { code: 'CLOCK_OFF' })
  t.equal(recall(system.files, MEMORY.host), undefined, 'the network stage looks again')
  clock.now -= 3650 * DAY
  t.equal(await ask(), 200_000)
})
