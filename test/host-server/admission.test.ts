import t from 'tap'
import { Attempts, sameHolder } from '../../host-server/admission/attempts.ts'
import { TurnedAway } from '../../host-server/admission/turned-away.ts'
import type { AuditEntry } from '../../host-server/store/store.ts'

const at = (seconds: number) => new Date(1_800_000_000_000 + seconds * 1000)

t.test('an allowance is used up, comes back with time, and never grows beyond its burst', async (t) => {
  const attempts = new Attempts({ burst: 3, every: 2 })
  t.same([0, 0, 0, 0].map(() => attempts.count('a', at(0))), [0, 0, 0, 2])
  t.equal(attempts.count('a', at(5)), 0)
  t.equal(attempts.count('b', at(5)), 0)
  t.same([0, 0, 0, 0].map(() => attempts.count('a', at(1000))), [0, 0, 0, 2])
})

t.test('a clock that steps back gives nothing and locks nobody out for long', async (t) => {
  const attempts = new Attempts({ burst: 1, every: 2 })
  attempts.count('a', at(1000))
  t.equal(attempts.count('a', at(0)), 2)
  t.equal(attempts.count('a', at(4)), 0)
})

t.test('a network of IPv6 is one holder, an IPv4 address is one however it is written', async (t) => {
  t.equal(sameHolder('2001:db8:1:2::1'), '2001:db8:1:2::/64')
  t.equal(sameHolder('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2::/64')
  t.equal(sameHolder('fe80::1'), 'fe80:0:0:0::/64')
  t.equal(sameHolder('::1'), '0:0:0:0::/64')
  t.equal(sameHolder('::ffff:10.0.2.15'), '10.0.2.15')
  t.equal(sameHolder('10.0.2.15'), '10.0.2.15')
})

t.test('a flood of refusals is few entries, and all of them are counted', async (t) => {
  const entries: AuditEntry[] = []
  const turnedAway = new TurnedAway({ add: (entry) => void entries.push(entry), list: () => [] })
  for (let i = 0; i < 50_000; i++) turnedAway.wrong({ event: 'enrol', code: 'TOKEN_REFUSED', address: `10.${i % 3}.0.${i % 200}` }, at(i / 100_000))
  turnedAway.flush(at(60))
  const counted = entries.reduce((sum, { count = 1 }) => sum + count, 0)
  t.equal(counted, 50_000)
  t.ok(entries.length < 5000, `${entries.length} entries`)
})

t.test('from more addresses than are counted apart, one entry stands for the rest', async (t) => {
  const entries: AuditEntry[] = []
  const turnedAway = new TurnedAway({ add: (entry) => void entries.push(entry), list: () => [] })
  for (let i = 0; i < 30_000; i++) turnedAway.wrong({ event: 'enrol', code: 'TOKEN_REFUSED', address: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}` }, at(0))
  turnedAway.flush(at(60))
  t.equal(entries.reduce((sum, { count = 1 }) => sum + count, 0), 30_000)
  t.ok(entries.length < 5100, `${entries.length} entries`)
  t.ok(entries.some(({ address, count = 1 }) => address === 'many' && count > 20_000))
})
