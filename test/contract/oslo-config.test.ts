import t from 'tap'
import { effective, isTrue, OsloConfig, OsloConfigError } from '../../contract/oslo-config.ts'

const FILE = `# head

[DEFAULT]
# a comment
transport_url = rabbit://a=b:c@h
debug: true
quoted = " two "
lone = "
many = one
    # two
  three
many = last

; other
[Oslo_Messaging_Rabbit]
ssl=on
[DEFAULT]
late = 1
`

t.test('a file is read as oslo.config reads it', async (t) => {
  const config = OsloConfig.parse(FILE, 'trove.conf')
  t.same(Object.fromEntries(config.keys('DEFAULT').map((key) => [key, config.get('DEFAULT', key)])), {
    transport_url: 'rabbit://a=b:c@h',
    debug: 'true',
    quoted: ' two ',
    lone: '',
    many: 'last',
    late: '1',
  })
  t.equal(OsloConfig.parse('[a]\nk = 1\n # 2\n\t3\n', 'f').get('a', 'k'), '1\n# 2\n3')
  t.equal(config.get('oslo_messaging_rabbit', 'ssl'), 'on', 'the case of a section does not count')
  t.equal(config.get('default', 'debug'), undefined, 'but of DEFAULT it does')
  t.equal(config.toString(), FILE, 'and is written as it was')
})

t.test('what oslo.config refuses is refused with file and line, and nothing of the line', async (t) => {
  for (const [text, line] of [
    ['[DEFAULT]\ncanary\n', 2],
    ['canary = canary\n', 1],
    ['[DEFAULT] # canary\n', 1],
    ['[]\n', 1],
    ['[DEFAULT]\n= canary\n', 2],
    ['[DEFAULT]\n  canary = 1\n', 2],
    ['[DEFAULT]\na = 1\n# ends it\n  canary\n', 4],
    ['[DEFAULT]\na = 1\n\n  canary\n', 4],
  ] as const) {
    const error = t.throws(() => OsloConfig.parse(text, 'x.conf')) as Error
    t.type(error, OsloConfigError)
    t.ok(error.message.startsWith(`x.conf:${line}: `), error.message)
    t.notMatch(error.message, /canary/)
  }
})

t.test('changes leave every other line alone', async (t) => {
  const config = OsloConfig.parse('# a\n[DEFAULT]\nx = 1\n# b\n\n[secret]\n# c\ny = 2\n  3\n[end]\n', 'f')
  config.set('DEFAULT', 'x', ' 9 ')
  config.set('DEFAULT', 'z', "'q'")
  config.set('new', 'k', 'a\nb')
  config.drop('DEFAULT', 'gone', 'never there')
  config.dropSection('Secret')
  t.equal(config.toString(), '# a\n[DEFAULT]\nx = " 9 "\nz = "\'q\'"\n# b\n\n[end]\n[new]\nk = a\n    b\n')
  const again = OsloConfig.parse(config.toString(), 'f')
  t.same([again.get('DEFAULT', 'x'), again.get('DEFAULT', 'z'), again.get('new', 'k')], [' 9 ', "'q'", 'a\nb'])
  config.drop('new', 'k', 'k was\n[here]')
  t.match(config.toString(), /\n# k was \[here\]\n$/)
  for (const [section, key, value] of [['a\n[b', 'k', 'v'], ['a', 'k\nl', 'v'], ['a', '[k', 'v'], ['a', 'k', 'v\n\nw']] as const) {
    t.throws(() => config.set(section, key, value), OsloConfigError)
  }
})

t.test('of several files the last that sets an option counts', async (t) => {
  const files = ['[a]\nx = 1\ny = 1\n', '[a]\nx = 2\n'].map((text) => OsloConfig.parse(text, 'f'))
  t.same([effective(files).get('a', 'x'), effective(files).get('a', 'y'), effective(files).get('a', 'z')], ['2', '1', undefined])
})

t.test('oslo.config calls true what it calls true', async (t) => {
  t.same(['True', '1', 'on', 'YES', 'false', '', 'enabled', undefined].map(isTrue), [true, true, true, true, false, false, false, false])
})

t.test('all options come with the value that counts, sections as oslo.config looks them up', async (t) => {
  const config = OsloConfig.parse('[DEFAULT]\na = 1\nb = 2\n[X]\nc = 3\n[DEFAULT]\na = 4\n[x]\nd = 5\n  6\n[empty]\n', 'f')
  t.same(config.options(), [
    { section: 'DEFAULT', key: 'a', value: '4' },
    { section: 'DEFAULT', key: 'b', value: '2' },
    { section: 'x', key: 'c', value: '3' },
    { section: 'x', key: 'd', value: '5\n6' },
  ])
})

t.test('what would be read back as something else is not set, whatever it would break', async (t) => {
  for (const [section, key, value] of [
    ['a', 'b ', 'c'],
    ['a', 'b\u001b', 'c'],
    ['a', 'b', 'one\n two'],
    ['a', 'b', 'one \ntwo'],
    ['a', 'b', '""\ntwo'],
  ] as const) {
    const config = OsloConfig.parse('[x]\ny = z\n', 'f')
    t.throws(() => config.set(section, key, value), OsloConfigError, JSON.stringify([section, key, value]))
    t.equal(config.toString(), '[x]\ny = z\n')
  }
})

t.test('a comment in the place of an option is one line, whatever it says', async (t) => {
  const config = OsloConfig.parse('[x]\ny = z\n', 'f')
  config.drop('x', 'y', 'one\rtwo\r\n[three')
  t.equal(config.toString(), '[x]\n# one two [three\n')
})
