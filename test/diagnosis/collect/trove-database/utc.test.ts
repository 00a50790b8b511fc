import t from 'tap'
import { utc } from '../../../../diagnosis/collect/trove-database/utc.ts'

t.test('times of Trove are UTC, and say so afterwards', async (t) => {
  for (const [written, meant] of [
    ['2026-11-22 16:45:39.123456', '2026-11-22T16:45:39.123Z'],
    ['2026-11-22 16:45:39', '2026-11-22T16:45:39.000Z'],
    ['2026-11-22T16:45:39', '2026-11-22T16:45:39.000Z'],
    ['2026-11-22T16:45:39Z', '2026-11-22T16:45:39.000Z'],
    ['2026-11-22T16:45:39.5+01:00', '2026-11-22T15:45:39.500Z'],
  ]) t.equal(utc(written), meant)
  for (const none of [null, undefined, 5, '', 'yesterday', '2026-13-45 99:99:99', '0000-00-00 00:00:00']) t.equal(utc(none), undefined)
})
