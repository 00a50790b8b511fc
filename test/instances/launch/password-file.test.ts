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

t.test('lines of a DOS file end before their CR, and a password that Trove would refuse and show is refused here, unshown', async (t) => {
  const file = join(t.testdir({}), 'passwords')
  writeFileSync(file, 'app:secret1\r\n', { mode: 0o600 })
  t.equal(passwordsIn(file, ['app']).get('app')!.reveal(), 'secret1')
  for (const password of ['-#!-', 'x'.repeat(256)]) {
    writeFileSync(file, `app:${password}\n`)
    t.throws(() => passwordsIn(file, ['app']), { name: 'Refusal', message: `${file}, line 1: Trove takes no password without a letter or a digit, and none of more than 255 characters` })
  }
})

t.test('what is no file, or in no folder, is a refusal in one line', async (t) => {
  const dir = t.testdir({})
  t.throws(() => passwordsIn(dir, ['app']), { name: 'Refusal', message: `${dir} is no file; expected one with NAME:PASSWORD a line, mode 0600` })
  t.throws(() => passwordsIn(join(dir, 'nowhere', 'passwords'), ['app']), { name: 'Refusal', message: `${join(dir, 'nowhere', 'passwords')} cannot be written: no such file or directory` })
})
