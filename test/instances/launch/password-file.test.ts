import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { passwordsIn } from '../../../instances/launch/password-file.ts'

t.test('passwords are read, and made for who has none: once, in a file that nobody else can read', async (t) => {
  const file = join(t.testdir({}), 'passwords')
  writeFileSync(file, 'app:with:colon\n', { mode: 0o600 })
  const first = passwordsIn(file, ['app', 'report'])
  t.equal(first.get('app')!.reveal(), 'with:colon')
  t.match(first.get('report')!.reveal(), /^[\w-]{43}$/)
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.equal(readFileSync(file, 'utf8'), `app:with:colon\nreport:${first.get('report')!.reveal()}\n`)
  t.equal(passwordsIn(file, ['report']).get('report')!.reveal(), first.get('report')!.reveal(), 'the second time it is the same')
})

t.test('a file that others can read, and one that is none, are refused', async (t) => {
  const file = join(t.testdir({ passwords: 'app:secret-word\n' }), 'passwords')
  chmodSync(file, 0o640)
  t.throws(() => passwordsIn(file, ['app']), { name: 'Refusal', message: `${file} can be read by others (mode 0640), and passwords stand in it.\n  chmod 600 ${file}` })
  writeFileSync(file, 'secret-word\n')
  chmodSync(file, 0o600)
  t.throws(() => passwordsIn(file, ['app']), { message: `${file}, line 1: expected NAME:PASSWORD` })
})
