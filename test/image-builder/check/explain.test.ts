import t from 'tap'
import { explainFindings } from '../../../image-builder/check/explain.ts'

t.test('a block each, and how it stands', async (t) => {
  const found = [
    { id: 'B5', code: 'trove-marker', level: 'error', what: '/root/trove-installed is in the image', mend: 'rm it' },
    { id: '-', code: 'machine-id', level: 'warning', what: 'filled', mend: 'empty it' },
    { id: '-', code: 'machine-id', level: 'warning', what: 'filled', mend: 'empty it' },
  ] as const
  t.equal(
    explainFindings('a.qcow2', found.slice(0, 2)),
    'error    B5 trove-marker\n  /root/trove-installed is in the image\n  mend: rm it\n\nwarning  machine-id\n  filled\n  mend: empty it\n\na.qcow2: 1 error, 1 warning\n',
  )
  t.match(explainFindings('a.qcow2', found), /1 error, 2 warnings\n$/)
  t.equal(explainFindings('a.qcow2', []), 'a.qcow2: nothing to object to\n')
})

t.test('names out of an image do nothing to the terminal', async (t) => {
  const text = explainFindings('a', [{ id: '-', code: 'x', level: 'note', what: 'a\u001b[2Jb\u202ec\nd', mend: '-' }])
  t.match(text, 'a\\u{1b}[2Jb\\u{202e}c\\u{a}d')
})
