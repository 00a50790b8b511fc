import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'

const SETUP = join(import.meta.dirname, '..', '..', 'setup')
const { unsuitable, wantedPackages, missingPackages } = await import(join(SETUP, 'debian.mjs'))
const { staleness } = await import(join(SETUP, 'npm-packages.mjs'))
const { watchedRun } = await import(join(SETUP, 'watched-run.mjs'))

const DEBIAN_12 = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nID=debian\n'

t.test('Debian 12 on amd64 will do, everything else is told what it lacks', async (t) => {
  t.equal(unsuitable(DEBIAN_12, 'x64'), undefined)
  const needs = 'the demo and the tests that boot guests need Debian 12 (bookworm) on amd64, for its packages of Trove; this is '
  t.equal(unsuitable(DEBIAN_12, 'arm64'), `${needs}Debian GNU/Linux 12 (bookworm) on arm64`)
  t.equal(unsuitable('PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nVERSION_ID="13"\nID=debian\n', 'x64'), `${needs}Debian GNU/Linux 13 (trixie) on x64`)
  t.equal(unsuitable('PRETTY_NAME="Ubuntu 24.04"\nVERSION_ID="24.04"\nID=ubuntu\n', 'x64'), `${needs}Ubuntu 24.04 on x64`)
  t.equal(unsuitable('', 'x64'), `${needs}an unknown system on x64`)
})

t.test('each wanted package has its reason', async (t) => {
  for (const { name, because } of wantedPackages({ cloud: true })) {
    t.match(name, /^[a-z0-9][a-z0-9+.-]+$/)
    t.match(because, /\w{4}/)
  }
})

t.test('who wants no cloud gets no package of one', async (t) => {
  const names = (cloud: boolean) => wantedPackages({ cloud }).map(({ name }: { name: string }) => name)
  t.ok(names(true).includes('keystone'))
  t.notOk(names(false).includes('keystone'))
  t.same(names(true).filter((name: string) => !names(false).includes(name) && /^(qemu|rabbitmq|trove-conductor)/.test(name)), [])
})

t.test('what dpkg does not have is missing, and nothing else', async (t) => {
  const [there, unknown] = [{ name: 'dpkg', because: 'always there' }, { name: 'no-such-package', because: 'never there' }]
  t.same(missingPackages([there, unknown]), [unknown])
  t.same(missingPackages([there]), [])
})

t.test('npm packages are fresh when each has the version of the lock file', async (t) => {
  const root = (installed: object) =>
    t.testdir({
      'package-lock.json': JSON.stringify({ packages: { '': {}, 'node_modules/got': { version: '14.6.6' }, 'node_modules/arm': { version: '1.0.0', optional: true } } }),
      node_modules: { '.package-lock.json': JSON.stringify({ packages: installed }) },
    })
  t.equal(staleness(root({ 'node_modules/got': { version: '14.6.6' } })), undefined, 'an optional one may be absent')
  t.equal(staleness(root({ 'node_modules/got': { version: '14.0.0' } })), 'got should be 14.6.6, is 14.0.0')
  t.equal(staleness(root({})), 'got should be 14.6.6, is missing')
  t.equal(staleness(t.testdir({ 'package-lock.json': '{}' })), 'node_modules is missing')
})

t.test('a program that fails leaves its last lines in the error', async (t) => {
  await t.rejects(watchedRun('installing', ['python3', '-c', 'import sys; sys.exit("no space left")']), { message: 'installing failed (exit status 1):\n  no space left' })
  await t.rejects(watchedRun('installing', ['no-such-program']), /installing failed \(spawn no-such-program ENOENT\)/)
})

t.test('it is silent when nothing is missing', async (t) => {
  t.same(await promisify(execFile)(process.execPath, [join(SETUP, 'prepare.mjs')]), { stdout: '', stderr: '' })
})

t.test('it runs before anything is installed', async (t) => {
  for (const file of ['prepare.mjs', 'debian.mjs', 'npm-packages.mjs', 'watched-run.mjs']) {
    const imports = [...readFileSync(join(SETUP, file), 'utf8').matchAll(/from '([^']+)'/g)].map((match) => match[1]!)
    t.same(imports.filter((name) => !/^(node:|\.\/)/.test(name)), [], file)
  }
})
