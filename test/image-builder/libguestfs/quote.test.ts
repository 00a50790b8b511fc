import t from 'tap'
import { commandLine, fitsList, inLists, quote } from '../../../image-builder/libguestfs/quote.ts'
import { ImageRefusal } from '../../../image-builder/refusal.ts'

t.test('nothing in an argument means anything to guestfish', async (t) => {
  t.equal(quote('/usr/lib/a-b_c.d'), '"/usr/lib/a-b_c.d"')
  t.equal(quote('a"b\\c\n!|<<~$\'é'), '"a\\x22b\\x5cc\\x0a\\x21\\x7c\\x3c\\x3c\\x7e\\x24\\x27\\xc3\\xa9"')
  t.equal(quote(Buffer.from([0xff])), '"\\xff"')
  t.equal(commandLine('lstatns', ['/a b']), '-lstatns "/a\\x20b"')
  t.throws(() => quote('a\0b'), ImageRefusal)
  t.throws(() => commandLine('lstatns', ['é'.repeat(1100)]), ImageRefusal, 'guestfish would take the rest for a second command')
})

t.test('lists hold plain names only, and fit a line', async (t) => {
  t.ok(fitsList(Buffer.from('a.b-c')))
  for (const name of ['', 'a b', "a'b", 'a\\b', 'é']) t.notOk(fitsList(Buffer.from(name)), name)
  const names = Array.from({ length: 1000 }, (_, index) => Buffer.from(`name-${index}`))
  const lists = [...inLists(names)]
  t.strictSame(lists.flat(), names)
  for (const list of lists) t.doesNotThrow(() => commandLine('lstatnslist', ['/'.repeat(1000), list.join(' ')]))
})
