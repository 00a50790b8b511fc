import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { registerDevstack } from '../../cli/devstack.ts'
import { runVerb } from './run-verb.ts'

function place(t: Test) {
  const dir = t.testdir({})
  const file = join(dir, 'local.conf')
  return { dir, file, run: (...argv: string[]) => runVerb(t, registerDevstack, 'none', 'devstack', 'conf', '-o', file, ...argv) }
}

t.test('the first run writes both files, the second says that nothing was left to do', async (t) => {
  const { dir, file, run } = place(t)
  const first = await run('--host-ip', '192.0.2.7')
  t.equal(first.exitCode, 0)
  t.match(first.stdout, /^wrote .*local\.conf \(mode 0600\): HOST_IP 192\.0\.2\.7, Trove master\n/)
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.equal(statSync(join(dir, 'local.sh')).mode & 0o777, 0o755)
  const password = /^ADMIN_PASSWORD=(.+)$/m.exec(readFileSync(file, 'utf8'))![1]!
  t.notMatch(first.stdout, password)
  const before = readFileSync(file, 'utf8')
  const second = await run()
  t.match(second.stdout, /nothing to do: /)
  t.equal(readFileSync(file, 'utf8'), before)
  const json = JSON.parse((await run('--json')).stdout) as { wrote: boolean; host_ip: string }
  t.match(json, { wrote: false, host_ip: '192.0.2.7' })
  t.notMatch(JSON.stringify(json), password)
})

t.test('somebody else’s local.conf and local.sh stay as they are, and what to type is said', async (t) => {
  const { dir, file, run } = place(t)
  writeFileSync(file, '[[local|localrc]]\nADMIN_PASSWORD=theirs\n')
  const refused = await run('--host-ip', '192.0.2.7')
  t.equal(refused.exitCode, 2)
  t.match(refused.told, /is not ours, so it stays[^]*--from/)
  t.equal(readFileSync(file, 'utf8'), '[[local|localrc]]\nADMIN_PASSWORD=theirs\n')
  t.notOk(existsSync(join(dir, 'local.sh')))
  writeFileSync(join(dir, 'local.sh'), '#!/bin/sh\necho mine\n')
  const taken = await run('--host-ip', '192.0.2.7', '--from', file)
  t.equal(taken.exitCode, 0)
  t.match(readFileSync(file, 'utf8'), /^ADMIN_PASSWORD=theirs$/m)
  t.match(taken.stdout, /local\.sh is there and is not ours[^]* {2}sudo .*bin\/trovestrap install/)
  t.equal(readFileSync(join(dir, 'local.sh'), 'utf8'), '#!/bin/sh\necho mine\n')
  const before = readFileSync(file, 'utf8')
  await run('--from', file)
  t.equal(readFileSync(file, 'utf8'), before, 'in place, a second time')
})

t.test('a file that others may read is closed', async (t) => {
  const { file, run } = place(t)
  await run('--host-ip', '192.0.2.7')
  writeFileSync(file, readFileSync(file))
  chmodSync(file, 0o644)
  t.match((await run()).stdout, /^wrote /)
  t.equal(statSync(file).mode & 0o777, 0o600)
})

t.test('bad input writes nothing and says what was expected, without the password', async (t) => {
  const { dir, file, run } = place(t)
  writeFileSync(join(dir, 'bad'), 'with/slash#1\n')
  writeFileSync(join(dir, 'empty'), '\n')
  mkdirSync(join(dir, 'folder'))
  const cases: [argv: string[], said: RegExp][] = [
    [['--host-ip', 'x'], /expected an IPv4 address/],
    [['--password-file', join(dir, 'bad')], /letters and digits/],
    [['--password-file', join(dir, 'empty')], /empty/],
    [['--password-file', join(dir, 'none')], /no such file/],
    [['--from', join(dir, 'folder')], /cannot be read: illegal operation on a directory/],
    [['--branch', '-x; reboot'], /name of a branch/],
  ]
  for (const [argv, said] of cases) {
    const { exitCode, told } = await run('--host-ip', '192.0.2.7', ...argv)
    t.equal(exitCode, 2, argv.join(' '))
    t.match(told, said)
    t.notMatch(told, /slash#1/)
  }
  t.notOk(existsSync(file))
})
