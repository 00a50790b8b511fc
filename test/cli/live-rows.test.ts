import { Writable } from 'node:stream'
import t from 'tap'
import { liveRows, type Row } from '../../cli/live-rows.ts'

function terminal(isTTY: boolean): { out: NodeJS.WriteStream; written: () => string } {
  let written = ''
  const sink = new Writable({ write: (piece, _encoding, done) => ((written += String(piece)), done()) })
  const out = Object.assign(sink, { isTTY, columns: 20, hasColors: () => false, getColorDepth: () => 1 }) as unknown as NodeJS.WriteStream
  return { out, written: () => written }
}
const ROWS: readonly Row[] = [{ key: 'trove', text: 'Trove BUILD' }, { key: 'fetch', text: '· fetch', idle: true }]

t.test('where nobody can go back, a line comes once for each change, and none for what has not begun', async (t) => {
  const { out, written } = terminal(false)
  const rows = liveRows(out)
  for (const text of ['Trove BUILD', 'Trove BUILD', 'Trove ACTIVE']) rows.show([{ key: 'trove', text }, ROWS[1]!])
  rows.say('looking why')
  t.equal(written(), 'Trove BUILD\nTrove ACTIVE\nlooking why\n')
})

t.test('on a terminal the rows stand over themselves, each in one row, and lines above stay', async (t) => {
  process.env['TERM'] = 'xterm'
  const { out, written } = terminal(true)
  const rows = liveRows(out)
  rows.show(ROWS)
  rows.show([{ key: 'trove', text: 'Trove ERROR and a long reason\u001b[2J' }])
  rows.say('looking why')
  rows.end()
  rows.show([{ key: 'trove', text: 'Trove' }])
  t.equal(written(), 'Trove BUILD\n· fetch\n\x1b[2A\r\x1b[JTrove ERROR and a…\n\x1b[1A\r\x1b[Jlooking why\nTrove ERROR and a…\nTrove\n')
})
