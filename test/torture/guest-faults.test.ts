import t from 'tap'
import { guestFaults } from './guest-faults.ts'
import { short } from './short.ts'

t.test('whatever happens to disk, clock and network, a guest says what holds it and becomes ready once that is gone', (t) => short(t, guestFaults))
