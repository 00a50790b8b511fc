import t from 'tap'
import { guessPasswords } from '../../../image-builder/check/guess-passwords.ts'

const ROOT = { name: 'bob', hash: '$6$abc$WVzy1mzYOy5NbS.iVoa0XmNYJ6YUTZvtfDgbXOJ2AVO/IWzz5.koR6GZdcjtK6As0Rw.UtsEl/1qT4nKeCxKT1' }
const DEBIAN = { name: 'debian', hash: '$y$j9T$F5Jx5fExrKuPp53xLKQ..1$XqXU4ntqeK4HFbYETCsg/QROC5nX8XBgfOVq4zA.Lq1' }

t.test('a common password is found, and the account\'s own name is tried on that account alone', async (t) => {
  t.same(await guessPasswords([ROOT, DEBIAN], ['root']), { guessed: ['debian', 'bob'], complete: true })
  t.same(await guessPasswords([ROOT, DEBIAN], []), { guessed: ['debian'], complete: true })
  t.same(await guessPasswords([ROOT, { ...DEBIAN, name: 'eve' }], ['toor']), { guessed: [], complete: true })
  t.same(await guessPasswords([], ['root']), { guessed: [], complete: true })
})

t.test('what is not tried is said', async (t) => {
  const slow = { name: 'slow', hash: '$6$rounds=999999999$abc$x' }
  const des = { name: 'des', hash: 'abJnggxhB/yWI' }
  t.same(await guessPasswords([slow, des, ROOT], ['root']), { guessed: ['bob'], complete: false })
  t.same(await guessPasswords([slow], ['root']), { guessed: [], complete: false })
})

t.test('many slow hashes end in time, with what was found until then', async (t) => {
  const strong = Array.from({ length: 10 }, (_, at) => ({ name: `u${at}`, hash: `$6$rounds=99999$s${at}$${'x'.repeat(86)}` }))
  const started = process.hrtime.bigint()
  const { guessed, complete } = await guessPasswords([...strong, ROOT], ['root', ...Array.from({ length: 100 }, (_, at) => `w${at}`)])
  t.equal(complete, false)
  t.same(guessed, ['bob'])
  t.ok(Number(process.hrtime.bigint() - started) / 1e9 < 12)
})
