import t from 'tap'
import { canaries } from './canaries.ts'
import { short } from './short.ts'

// It starts a dozen processes one after the other: more than 30 s on a machine that has other work.
t.setTimeout(240_000)
t.test('no secret of host or guest is seen where it does not belong', (t) => short(t, canaries))
