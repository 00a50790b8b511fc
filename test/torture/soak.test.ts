import t from 'tap'
import { short } from './short.ts'
import { soak } from './soak.ts'

t.test('many reports of many guests: memory is flat, the database bounded, and who is long gone goes', (t) => short(t, soak))
