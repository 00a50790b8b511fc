import t from 'tap'
import { killedHost } from './killed-host.ts'
import { short } from './short.ts'

t.test('host-server killed with -9 under load has every report that it acknowledged, and starts without help', (t) => short(t, killedHost))
