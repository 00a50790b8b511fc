import t from 'tap'
import { oddTrees } from './odd-trees.ts'
import { short } from './short.ts'

t.test('odd trees arrive right or are refused in a line', (t) => short(t, oddTrees))
