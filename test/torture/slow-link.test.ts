import t from 'tap'
import { short } from './short.ts'
import { slowLink } from './slow-link.ts'

t.test('a tree comes over links that are slow, stall and cut each connection, each byte once', (t) => short(t, slowLink))
