import t from 'tap'
import { powerCuts } from './power-cuts.ts'
import { short } from './short.ts'

t.test('a tree that is being swapped survives a power cut at any change of the disk, whatever was not flushed', (t) => short(t, powerCuts))
