import t from 'tap'
import { safeWord } from '../../../diagnosis/causes/safe-word.ts'

t.test('names, paths, addresses and percent-encoded words are words of a command', async (t) => {
  for (const word of ['trove', '/etc/trove/trove-guestagent.conf', '10.0.2.2:5672', 'fe80::1', 'db_1@host', 'a%2Fb']) t.equal(safeWord(word), word)
})

t.test('whatever a shell reads more into, an option, an empty or an endless word is none', async (t) => {
  for (const text of ['a b', 'a;b', '$(id)', '`id`', "a'b", 'a"b', 'a\nb', 'a&b', 'a|b', '>x', '*', '~', '-rf', '', 'x'.repeat(201), 'é', undefined])
    t.equal(safeWord(text), undefined, String(text))
})
