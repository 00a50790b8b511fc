import t from 'tap'
import { canaries } from './canaries.ts'
import { short } from './short.ts'

t.test('no secret of host or guest is seen where it does not belong', (t) => short(t, canaries))
