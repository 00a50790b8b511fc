import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { loadSettings, SettingsError, type Settings } from '../../host-server/settings.ts'
import { explainAccess } from '../../host-server/settings/explain-access.ts'

function faultsOf(file: string): Record<string, string> {
  try {
    loadSettings(file, { paths: true })
  } catch (error) {
    if (error instanceof SettingsError) return Object.fromEntries(error.faults.map(({ key, problem }) => [key, problem]))
    throw error
  }
  return {}
}

function folder(t: Test, config: string): { dir: string; file: string } {
  const dir = t.testdir({ tree: {}, 'agent.conf': '', wheels: {}, 'config.yaml': config })
  return { dir, file: join(dir, 'config.yaml') }
}

const LEAST = 'names: [controller]\nsource: { path: tree }\nguest_config: { path: agent.conf }\n'

t.test('the smallest file is filled with every default, paths count from its folder', async (t) => {
  const { dir, file } = folder(t, LEAST)
  const expected: Settings = {
    listen: { address: '0.0.0.0', port: 15555 },
    names: ['controller'],
    state: '/var/lib/trovestrap',
    source: { path: join(dir, 'tree'), exclude: ['.*', '__pycache__', '*.pyc'], git_ignored: false },
    guest_config: { path: join(dir, 'agent.conf'), trove_conf: '/etc/trove/trove.conf', overrides: {}, service_credentials: false },
    python: { requirements: [] },
    lifetimes: { token: 30 * 86_400, credential: 30 * 86_400, certificate: 365 * 86_400, records: 90 * 86_400 },
    log: { level: 'info' },
  }
  t.same(loadSettings(file, { paths: true }), expected)
})

t.test('a full file is read as written', async (t) => {
  const { dir, file } = folder(
    t,
    `${LEAST.replace('path: agent.conf', 'path: agent.conf, overrides: { DEFAULT: { debug: true, workers: 2, name: x } }, service_credentials: true')}
listen: { address: '::', port: 443 }
state: state
python: { wheels: wheels, requirements: ['passlib>=1.7.4'], constraints: agent.conf }
lifetimes: { token: 12h, credential: 90s, certificate: 5m, records: 2d }
log: { level: debug }
`,
  )
  const settings = loadSettings(file, { paths: true })
  t.same(settings.listen, { address: '::', port: 443 })
  t.equal(settings.state, join(dir, 'state'))
  t.same(settings.guest_config.overrides, { DEFAULT: { debug: 'true', workers: '2', name: 'x' } })
  t.same(settings.python, { wheels: join(dir, 'wheels'), requirements: ['passlib>=1.7.4'], constraints: join(dir, 'agent.conf') })
  t.same(settings.lifetimes, { token: 43_200, credential: 90, certificate: 300, records: 172_800 })
})

t.test('every fault is told at once, each with its key, what was expected and what came', async (t) => {
  const { dir, file } = folder(
    t,
    `listn: {}
listen: { port: 15555x, adress: 1.2.3.4 }
names: ['https://controller']
source: { path: nowhere, exclude: '*.pyc' }
guest_config: { path: tree, overrides: { DEFAULT: { transport_url: [rabbit://u:hunter2@h/] } } }
python: { wheels: agent.conf, requirements: [4] }
lifetimes: { token: 30, credential: 3y, certificate: 9999d }
log: { level: loud }
`,
  )
  const duration = 'expected a number with its unit s, m, h or d, such as 30d or 12h, at most 3650d'
  t.same(faultsOf(file), {
    listn: 'is not a key of this file; did you mean listen?',
    'listen.adress': 'is not a key of this file; did you mean listen.address?',
    'listen.port': 'expected 1 to 65535, got "15555x"',
    'names.0': 'expected a host name or IP address without scheme and port, got "https://controller"',
    'source.exclude': 'expected a list of gitignore patterns in quotes, got "*.pyc"',
    'guest_config.overrides.DEFAULT.transport_url': 'expected a text, a number, true or false, got a list',
    'python.requirements.0': 'expected a requirement in quotes, such as "passlib>=1.7.4", got 4',
    'lifetimes.token': `${duration}, got 30`,
    'lifetimes.credential': `${duration}, got "3y"`,
    'lifetimes.certificate': `${duration}, got "9999d"`,
    'log.level': 'expected one of trace, debug, info, warn, error, fatal, got "loud"',
    'source.path': `${dir}/nowhere does not exist`,
    'guest_config.path': `expected a file, got a folder: ${dir}/tree`,
    'python.wheels': `expected a folder, got a file: ${dir}/agent.conf`,
  })
})

const OPENSTACK = 'expected either cloud, the name of a cloud in clouds.yaml, or from_environment: true for OS_* variables, got a section'

for (const [section, faults] of Object.entries({
  'cloud: devstack-admin': {},
  'cloud: devstack-admin, clouds_file: clouds.yaml': {},
  'from_environment: true': {},
  'clouds_file: clouds.yaml': { openstack: OPENSTACK },
  'cloud: devstack-admin, from_environment: true': { openstack: OPENSTACK },
  'from_environment: true, clouds_file: clouds.yaml': { openstack: OPENSTACK },
  'cloud: 7': { 'openstack.cloud': 'expected the name of a cloud in clouds.yaml, got 7' },
  'cloud: a, clouds_file: none.yaml': { 'openstack.clouds_file': /none\.yaml does not exist$/ },
  'clowd: a': { 'openstack.clowd': 'is not a key of this file; did you mean openstack.cloud?' },
})) {
  t.test(`the cloud that attests: ${section}`, async (t) => {
    const { dir, file } = folder(t, `${LEAST}openstack: { ${section} }\n`)
    writeFileSync(join(dir, 'clouds.yaml'), '')
    const found = faultsOf(file)
    t.match(found, faults)
    t.equal(Object.keys(found).length > 0, Object.keys(faults).length > 0)
    if (/^cloud: \S+, clouds_file: clouds/.test(section)) t.same(loadSettings(file).openstack, { cloud: 'devstack-admin', clouds_file: join(dir, 'clouds.yaml'), from_environment: false })
  })
}

t.test('the message is a table that begins with the file', async (t) => {
  const { file } = folder(t, `${LEAST}listen: { port: 0 }\nfoo: 1\n`)
  t.throws(() => loadSettings(file), {
    message: `${file} has 2 faults:
  foo          is not a key of this file; known here: listen, names, state, source, guest_config, python, openstack, lifetimes, log
  listen.port  expected 1 to 65535, got 0`,
  })
})

t.test('what is needed and missing is named', async (t) => {
  t.match(faultsOf(folder(t, '').file), {
    names: /^expected a list with at least one name .*, got nothing$/,
    'source.path': 'expected the folder of a Trove checkout, got nothing',
  })
})

t.test('YAML that cannot be read is told with its line and without the line itself', async (t) => {
  const faults = faultsOf(folder(t, 'names: [controller]\nstate: "hunter2\nlog: x\n').file)
  t.match(Object.keys(faults)[0], /^line \d+$/)
  t.notMatch(JSON.stringify(faults), /hunter2/)
  t.same(Object.keys(faultsOf(folder(t, 'names: [a]\nnames: [b]\n').file)), ['line 2'])
  t.same(Object.keys(faultsOf(folder(t, '- a list\n').file)), ['file'])
})

t.test('YAML that is nested deeper than a stack, or quotes a secret in its own errors, is a fault like any other', async (t) => {
  // Whose stack it is that overflows, the reader's or its caller's, differs.
  t.match(Object.keys(faultsOf(folder(t, '- '.repeat(20_000)).file)).join(), /^(file|line 1)$/)
  t.same(Object.keys(faultsOf(folder(t, `*a${'{'.repeat(2000)}\n`).file)), ['line 1'], 'and of many faults the first are told')
  const faults = JSON.stringify(faultsOf(folder(t, 'names: >hunter2\u001b[2J\n').file))
  t.notMatch(faults, /hunter2/)
  t.match(JSON.stringify(faultsOf(folder(t, '"\\e[2J": 1\n').file)), /u\{1b\}\[2J/, 'a key that speaks to a terminal is shown by its numbers')
})

t.test('a section whose lines are all commented out counts as absent', async (t) => {
  t.same(faultsOf(folder(t, `${LEAST}listen:\n  # port: 1\npython:\n`).file), {})
})

t.test('a missing configuration file is a fault of its own', async (t) => {
  const dir = t.testdir({})
  t.same(faultsOf(join(dir, 'none.yaml')), { file: `${dir}/none.yaml does not exist` })
})

t.test('without `paths` nothing but the file is looked at', async (t) => {
  const dir = t.testdir({ 'config.yaml': 'names: [a]\nsource: { path: /nowhere/at/all }\n' })
  t.equal(loadSettings(join(dir, 'config.yaml')).source.path, '/nowhere/at/all')
})

t.test('a path that this user cannot read is told with the reason', async (t) => {
  const refused = Object.assign(new Error('EACCES'), { code: 'EACCES', errno: -13 })
  t.match(explainAccess('/opt/stack/trove', refused), /^\/opt\/stack\/trove is not readable by user \S+: permission denied$/)
})
