import { spawnSync } from 'node:child_process'
import t from 'tap'
import { conf, hostIpIn, isOurs, valuesIn } from '../../../host-setup/devstack/conf.ts'
import { faultOfPassword, makePassword } from '../../../host-setup/devstack/passwords.ts'

const NEW = { hostIp: '192.0.2.7', port: 15555 }

/** What bash has in these variables after it has read the localrc section; devstack's functions only write down what they were given. */
function asBash(text: string, ...names: string[]): Record<string, string> {
  const functions = 'DEST=/opt/stack; ENABLED_SERVICES=default; for f in enable_service disable_service enable_plugin; do eval "$f() { CALLS+=\\"$f \\$*;\\"; }"; done'
  const localrc = text.split('\n[[post-config')[0]!.replace('[[local|localrc]]\n', '')
  const print = names.map((name) => `printf '%s\\0' "$${name}"`).join('; ')
  const { stdout, stderr, status } = spawnSync('bash', ['--norc', '-euc', `CALLS=; ${functions}\n${localrc}\n${print}`], { encoding: 'utf8', env: { PATH: '/usr/bin:/bin' } })
  if (status !== 0) throw new Error(stderr)
  return Object.fromEntries(stdout.split('\0').slice(0, -1).map((value, at) => [names[at]!, value]))
}

t.test('a new local.conf leaves nothing for stack.sh to ask', async (t) => {
  const { text, made } = conf(NEW)
  t.ok(text.startsWith('[[local|localrc]]\n'), 'devstack reads nothing above a header')
  const seen = asBash(text, 'HOST_IP', 'ADMIN_PASSWORD', 'DATABASE_PASSWORD', 'RABBIT_PASSWORD', 'SERVICE_PASSWORD', 'SWIFT_HASH', 'LIBS_FROM_GIT', 'TROVE_ENABLE_IMAGE_BUILD', 'TROVE_DASHBOARD_DIR', 'CALLS')
  t.equal(seen['HOST_IP'], '192.0.2.7')
  const passwords = ['ADMIN', 'DATABASE', 'RABBIT', 'SERVICE'].map((name) => seen[`${name}_PASSWORD`]!)
  for (const password of passwords) t.match(password, /^[A-Za-z0-9]{20}$/)
  t.equal(new Set(passwords).size, 4)
  t.match(seen['SWIFT_HASH'], /^[0-9a-f]{32}$/)
  t.match(seen, { LIBS_FROM_GIT: 'python-troveclient', TROVE_ENABLE_IMAGE_BUILD: 'false', TROVE_DASHBOARD_DIR: '/opt/stack/trove-dashboard' })
  t.match(seen['CALLS'], /enable_plugin trove https:\/\/opendev\.org\/openstack\/trove master;/)
  t.match(seen['CALLS'], /enable_plugin trove-dashboard https:\S+ master;/)
  t.match(seen['CALLS'], /enable_service s-proxy s-object s-container s-account;/)
  t.same(made, ['ADMIN_PASSWORD', 'DATABASE_PASSWORD', 'RABBIT_PASSWORD', 'SERVICE_PASSWORD', 'SWIFT_HASH'])
})

t.test('a second run changes nothing: passwords stay, and so does what somebody wrote himself', async (t) => {
  const first = conf(NEW)
  const edited = first.text.replace(/$/, 'GIT_DEPTH=1\n[[post-config|$NOVA_CONF]]\n[DEFAULT]\ndebug = True\n')
  const again = conf({ ...NEW, present: edited })
  t.equal(again.text, edited)
  t.same(again.made, [])
  const moved = conf({ ...NEW, hostIp: '192.0.2.8', branch: 'stable/2026.1', present: edited })
  t.equal(moved.text, edited.replaceAll('192.0.2.7', '192.0.2.8').replaceAll(/(?<=openstack\/trove(-dashboard)? |BRANCH=)master/g, 'stable/2026.1'))
  t.equal(conf({ ...NEW, hostIp: '192.0.2.8', present: moved.text }).branch, 'stable/2026.1', 'a branch that was said stays')
})

t.test('one password that is given is all four; the hash of Swift stays', async (t) => {
  const first = conf(NEW)
  const given = valuesIn(conf({ ...NEW, present: first.text, password: 'given1' }).text)
  for (const name of ['ADMIN_PASSWORD', 'DATABASE_PASSWORD', 'RABBIT_PASSWORD', 'SERVICE_PASSWORD']) t.equal(given.get(name), 'given1')
  t.equal(given.get('SWIFT_HASH'), valuesIn(first.text).get('SWIFT_HASH'))
})

t.test('a password that devstack or a URL would not carry is refused by its form', async (t) => {
  t.equal(faultOfPassword(makePassword()), undefined)
  t.match(faultOfPassword('p@ss/word'), /letters and digits/)
  t.match(faultOfPassword('a'.repeat(21)), /20 characters/)
})

t.test('a file of somebody else is known as one', async (t) => {
  t.notOk(isOurs('[[local|localrc]]\nADMIN_PASSWORD=x\n'))
  t.ok(isOurs(conf(NEW).text))
})

const OLD = `[[local|localrc]]
# of 2017
HOST_IP=10.20.30.40
ADMIN_PASSWORD=OldAdmin1
MYSQL_PASSWORD=$ADMIN_PASSWORD
RABBIT_PASSWORD="$ADMIN_PASSWORD"
SERVICE_PASSWORD=$ADMIN_PASSWORD
SERVICE_TOKEN=tokentoken
SWIFT_HASH=66a3d6b56c1f479c8b4e70ab5c2000f5
LOGFILE=$DEST/logs/stack.sh.log
SCREEN_LOGDIR=$DEST/logs/screen
FIXED_RANGE=10.0.0.0/24   # inside
enable_service q-svc q-agt q-dhcp \\
  q-l3 q-meta
enable_service n-novnc n-cauth swift3 my-own
disable_service n-net tempest
ENABLED_SERVICES+=,g-reg,-horizon
enable_service tr-api tr-tmgr tr-cond
enable_plugin trove git://git.openstack.org/openstack/trove stable/pike
enable_plugin barbican git://git.openstack.org/openstack/barbican stable/pike
NOVA_BRANCH=stable/pike
LIBS_FROM_GIT=python-novaclient
MY_THING='a
b'
if [ -e /nowhere ]; then
  GIT_DEPTH=7
fi
GIT_DEPTH=3

[[post-config|$NOVA_CONF]]
[DEFAULT]
debug = True
[[post-config|$TROVE_CONDUCTOR_CONF]]
[DEFAULT]
trove_conductor_workers = 1
[[post-config|$GLANCE_REGISTRY_CONF]]
[DEFAULT]
debug = True
`

t.test('of a 2017 file, what is still read stays, what has another name gets it, and the rest is a comment with its reason', async (t) => {
  const { text, taken } = conf({ ...NEW, from: OLD })
  const seen = asBash(text, 'HOST_IP', 'ADMIN_PASSWORD', 'DATABASE_PASSWORD', 'RABBIT_PASSWORD', 'SWIFT_HASH', 'LOGFILE', 'FIXED_RANGE', 'GIT_DEPTH', 'LIBS_FROM_GIT', 'CALLS')
  t.match(seen, { HOST_IP: '192.0.2.7', ADMIN_PASSWORD: 'OldAdmin1', DATABASE_PASSWORD: 'OldAdmin1', RABBIT_PASSWORD: 'OldAdmin1', SWIFT_HASH: '66a3d6b56c1f479c8b4e70ab5c2000f5' })
  t.match(seen, { LOGFILE: '/opt/stack/logs/stack.sh.log', FIXED_RANGE: '10.0.0.0/24', GIT_DEPTH: '3', LIBS_FROM_GIT: 'python-troveclient,python-novaclient' })
  t.same(seen['CALLS']!.split(';').filter((call) => !/trove|s-proxy/.test(call)), [
    'enable_service q-svc',
    'enable_service n-novnc s3api my-own',
    'disable_service tempest',
    'disable_service horizon',
    'enable_plugin barbican https://opendev.org/openstack/barbican',
    '',
  ])
  t.equal(seen['CALLS']!.match(/enable_plugin trove /g)?.length, 1, 'stack.sh ends at a plugin that is enabled twice')
  t.notMatch(text, /^(SERVICE_TOKEN|SCREEN_LOGDIR|NOVA_BRANCH|MY_THING)/m)
  t.match(text, /\n# dropped: q-agt|q-agt, q-dhcp, q-l3, q-meta: OVN/)
  t.match(text, /\[\[post-config\|\$NOVA_CONF\]\]\n\[DEFAULT\]\ndebug = True\n\[\[post-config\|\$TROVE_CONF\]\]\n# translated: .*\n\[DEFAULT\]\ntrove_conductor_workers = 1\n/)
  t.match(text, /\n# \[\[post-config\|\$GLANCE_REGISTRY_CONF\]\]\n# \[DEFAULT\]\n# debug = True\n/)
  t.same(taken, ['ADMIN_PASSWORD', 'DATABASE_PASSWORD', 'RABBIT_PASSWORD', 'SERVICE_PASSWORD', 'SWIFT_HASH'])
})

t.test('a password in quotes stays one, and what is otherwise than it was is told', async (t) => {
  const old = `[[local|localrc]]
HOST_IP=10.9.9.9
ADMIN_PASSWORD="my secret;1"
RABBIT_PASSWORD='Pa$$w0rd&x'
SERVICE_PASSWORD=""
TROVE_BRANCH=stable/2025.2
`
  const { text, told, taken, made } = conf({ ...NEW, from: old })
  t.match(asBash(text, 'ADMIN_PASSWORD', 'RABBIT_PASSWORD'), { ADMIN_PASSWORD: 'my secret;1', RABBIT_PASSWORD: 'Pa$$w0rd&x' })
  t.same(taken, ['ADMIN_PASSWORD', 'RABBIT_PASSWORD'])
  t.ok(made.includes('SERVICE_PASSWORD'))
  t.match(told, [
    { what: 'dropped', line: 'HOST_IP=10.9.9.9', because: 'HOST_IP is 192.0.2.7 above' },
  ])
  t.equal(hostIpIn(old), '10.9.9.9')
})

t.test('no line of the older file is lost, and none of its passwords is told', async (t) => {
  const { text, told } = conf({ ...NEW, from: OLD })
  const lines = new Set(text.split('\n').flatMap((line) => [line.trim(), line.replace(/^# /, '').trim()]))
  const gone = OLD.split('\n').filter((line) => line.trim() !== '' && !lines.has(line.trim()) && !line.includes('CONDUCTOR_CONF'))
  t.same(gone, [])
  t.notMatch(JSON.stringify(told), /OldAdmin1|tokentoken|66a3d6/)
  t.match(told, [{ what: 'dropped', line: 'SERVICE_TOKEN=***' }])
})

t.test('what was taken over once is taken over again in its place', async (t) => {
  const once = conf({ ...NEW, from: OLD }).text
  t.equal(conf({ ...NEW, from: OLD, present: once }).text, once)
  const own = once.replace('# <<< taken over\n', '# <<< taken over\nGIT_DEPTH=9\n')
  t.equal(asBash(conf({ ...NEW, from: OLD, present: own }).text, 'GIT_DEPTH')['GIT_DEPTH'], '9', 'lines of somebody’s own win')
})

t.test('an old localrc, and a list of services of its own, are taken over too', async (t) => {
  const { text, told } = conf({ ...NEW, from: 'ENABLED_SERVICES=rabbit,mysql,key,n-api,n-crt\nLOGDAYS=2\n' })
  const seen = asBash(text, 'ENABLED_SERVICES', 'LOGDAYS', 'CALLS')
  t.match(seen, { ENABLED_SERVICES: 'default', LOGDAYS: '2' })
  t.match(seen['CALLS'], /enable_service rabbit mysql key n-api;/)
  t.match(told, [{ what: 'translated', because: /placement/ }])
})

for (const [title, odd] of Object.entries({
  'a quote that is never closed': 'A="x\nLOGDAYS=2\n',
  'a compound that is never closed': 'if true; then\nLOGDAYS=2\n',
  'a command substitution': 'enable_service $(cat /etc/passwd)\nADMIN=`id`\n',
  'a command behind a command': 'enable_service a; touch /tmp/x\n',
  'marks of ours': 'LOGDAYS=1\n# >>> trovestrap devstack conf\nLOGDAYS=3\n# <<< trovestrap devstack conf\nLOGDAYS=4\n# <<< taken over\nLOGDAYS=2\n',
  'a here-document': 'cat >/dev/null <<EOF\nLOGDAYS=2\nEOF\n',
  'a function': 'foo() {\n  LOGDAYS=2\n}\n',
  'nothing': '',
  'binary': '\0\x01\xff\n',
})) {
  t.test(`${title} in the older file leaves a file that bash reads, and a second run in peace`, async (t) => {
    const once = conf({ ...NEW, from: `[[local|localrc]]\n${odd}` }).text
    t.doesNotThrow(() => asBash(once.replaceAll('\0', ''), 'HOST_IP'))
    t.equal(conf({ ...NEW, present: once }).text, once)
    t.equal(conf({ ...NEW, from: `[[local|localrc]]\n${odd}`, present: once }).text, once)
  })
}
