import t from 'tap'
import { CannotSee, type Collector } from '../../../diagnosis/collect/collector.ts'
import { prefer } from '../../../diagnosis/collect/prefer.ts'
import { look } from './context.ts'

const sees = (from: 'database' | 'api', why: string): Collector<'trove'> => ({
  source: 'trove',
  deadline: 1000,
  async collect(_target, { partly }) {
    partly(why)
    return { from }
  },
})
const blind = (why: string): Collector<'trove'> => ({ source: 'trove', deadline: 3000, collect: () => Promise.reject(new CannotSee(why)) })

t.test('what the first sees counts, and what it misses is said', async (t) => {
  t.match(await look(prefer(sees('database', 'one'), sees('api', 'other'))), { seen: { from: 'database' }, partly: ['one'] })
  t.match(await look(prefer(sees('database', 'one'), blind('no cloud'))), { seen: { from: 'database' }, partly: ['one'] })
})

t.test('where the first sees nothing the second counts, and both say why', async (t) => {
  t.match(await look(prefer(blind('no database'), sees('api', 'other'))), { seen: { from: 'api' }, partly: ['no database', 'other'] })
  await t.rejects(look(prefer(blind('no database'), blind('no cloud'))), { name: 'CannotSee', message: 'no cloud' })
})

t.test('the longer deadline is that of both', async (t) => {
  t.match(prefer(sees('database', ''), blind('')), { source: 'trove', deadline: 3000 })
})
