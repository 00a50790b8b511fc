import t from 'tap'
import { properties } from './properties.ts'
import { short } from './short.ts'

t.test('every parser of foreign data gives a value or the documented refusal, in bounded time, and touches nothing outside', (t) => short(t, properties))
