import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { registerInit } from '../../cli/init.ts'
import { loadSettings } from '../../host-server/settings.ts'
import { newSettingsFile, ownNames } from '../../host-server/settings/new-file.ts'
import { runVerb } from './run-verb.ts'

function place(t: Test) {
  const dir = t.testdir({})
  const [config, state] = [join(dir, 'etc/config.yaml'), join(dir, 'state')]
  return { dir, config, state, init: (...argv: string[]) => runVerb(t, registerInit, config, 'init', ...argv) }
}

t.test('init in an empty place writes a configuration and makes the state, and says what to type next', async (t) => {
  const { config, state, init } = place(t)
  const { exitCode, stdout } = await init('--name', 'controller', '--name', '10.0.2.2', '--state', state)
  t.equal(exitCode, 0)
  t.match(stdout, new RegExp(`^wrote ${config} \\(names: controller, 10\\.0\\.2\\.2\\)\n`))
  t.match(stdout, /\nbootstrap token {2}[a-z0-9]{6}\.[a-z0-9]{16}\n/)
  t.match(stdout, /\nnext:\n(.*\n)? {2}trovestrap serve\n {2}trovestrap image build /)
  t.same(loadSettings(config).names, ['controller', '10.0.2.2'])
  t.equal(loadSettings(config).state, state)
  t.equal(statSync(config).mode & 0o777, process.getuid!() === 0 ? 0o640 : 0o600)
  t.match(readFileSync(join(state, 'pki/ca.pem'), 'utf8'), /^-----BEGIN CERTIFICATE-----/)
})

t.test('init again changes nothing and shows no token', async (t) => {
  const { config, state, init } = place(t)
  await init('--name', 'controller', '--state', state)
  const before = statSync(config).mtimeMs
  const { exitCode, stdout } = await init()
  t.equal(exitCode, 0)
  t.match(stdout, new RegExp(`^nothing to do: ${state} is complete, its certificate is good until \\d{4}-\\d\\d-\\d\\d\n`))
  t.notMatch(stdout, /bootstrap token/)
  t.equal(statSync(config).mtimeMs, before)
})

t.test('names that changed are told, with what to type', async (t) => {
  const { config, state, init } = place(t)
  await init('--name', 'controller', '--state', state)
  writeFileSync(config, readFileSync(config, 'utf8').replace('names: ["controller"]', 'names: [controller, other]'))
  t.match((await init()).stdout, /\nthe server certificate does not name other; guests that use it are refused\n {2}trovestrap init --renew\n/)
  const renewed = await init('--renew')
  t.match(renewed.stdout, /systemctl reload trovestrap-host/)
  t.notMatch(renewed.stdout, /does not name/)
})

t.test('--name and --state are refused where a configuration is there already', async (t) => {
  const { config, state, init } = place(t)
  await init('--name', 'controller', '--state', state)
  t.match(await init('--name', 'other'), {
    exitCode: 2,
    stdout: '',
    told: `${config} is there already, so --name would change nothing.\n  edit it, then: trovestrap init --renew`,
  })
})

t.test('a faulty configuration stops init before anything is made', async (t) => {
  const { config, state, init } = place(t)
  await init('--name', 'not a name', '--state', state)
  t.match(await init(), {
    exitCode: 2,
    stdout: '',
    told: `${config} has 1 fault; nothing was made.\n  names.0  expected a host name or IP address without scheme and port, got "not a name"`,
  })
  t.throws(() => statSync(state), { code: 'ENOENT' })
})

t.test('--json gives the same to programs', async (t) => {
  const { config, state, init } = place(t)
  const made = JSON.parse((await init('--name', 'controller', '--state', state, '--json')).stdout) as Record<string, unknown>
  t.match(made, { file: config, wrote: true, state, names: ['controller'], unnamed: [], token: /^[a-z0-9]{6}\.[a-z0-9]{16}$/ })
})

t.test('what to type next leads to a guest that is let in', async (t) => {
  const { state, init } = place(t)
  const { stdout } = await init('--name', 'controller', '--state', state)
  for (const line of ['trovestrap serve', 'trovestrap image build BASE.qcow2 -o GUEST.qcow2', 'trovestrap approve INSTANCE']) t.match(stdout, `\n  ${line}`)
})

t.test('every key of the written file is one that is known, also those commented out', async (t) => {
  const dir = t.testdir({})
  const file = join(dir, 'config.yaml')
  const text = newSettingsFile({ names: ownNames(), state: '/var/lib/trovestrap' })
  writeFileSync(file, text.replace(/^( *)# ((?: {2})*[a-z_A-Z]+:)/gm, '$1$2'))
  t.match(loadSettings(file), { source: { version: '18.0.0' }, guest_config: { overrides: { DEFAULT: { control_exchange: 'trove' } } } })
})

t.test('what takes the place of another is told with what it means and what to type', async (t) => {
  const { state, init } = place(t)
  await init('--name', 'controller', '--state', state)
  const key = (await init('--new-signing-key')).stdout
  t.match(key, `made  ${state}/pki/signing-key.pem  key that signs manifests\n\nguests learn the new key from this host`)
  t.match(key, '\n  systemctl reload trovestrap-host\n')
  const token = readFileSync(join(state, 'operator.token'), 'utf8').trim()
  const { stdout } = await init('--new-operator-token')
  t.match(stdout, '\nthe old operator token opens nothing any more')
  const next = readFileSync(join(state, 'operator.token'), 'utf8').trim()
  t.not(next, token)
  t.notMatch(stdout, next)
  const ca = (await init('--new-ca', '--renew')).stdout
  t.match(ca, 'no image and no guest from before trusts this host')
  t.match(ca, '\n  trovestrap image build BASE.qcow2 -o GUEST.qcow2\n')
  t.match(ca, `ssh USER@GUEST sudo tee /etc/trovestrap/ca.pem <${state}/pki/ca.pem`)
  t.notMatch(ca, 'images stay good')
  t.same(JSON.parse((await init('--renew', '--json')).stdout).replaced, ['renew'])
  t.notMatch((await init()).stdout, 'systemctl reload')
})
