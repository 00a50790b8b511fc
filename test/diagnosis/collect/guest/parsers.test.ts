import t from 'tap'
import { addressesOf } from '../../../../diagnosis/collect/guest/addresses.ts'
import { dockerOf } from '../../../../diagnosis/collect/guest/docker.ts'
import { filesOf } from '../../../../diagnosis/collect/guest/file-dump.ts'
import { isChatter, journalsOf } from '../../../../diagnosis/collect/guest/journals.ts'
import { accountsOf, disksOf, memoryOf, nameserversOf, pythonOf } from '../../../../diagnosis/collect/guest/machine-facts.ts'
import { placesOf } from '../../../../diagnosis/collect/guest/places.ts'
import { probesOf } from '../../../../diagnosis/collect/guest/reached.ts'
import { withoutValues, worthHiding } from '../../../../diagnosis/collect/guest/secret-options.ts'
import { filesSeen } from '../../../../diagnosis/collect/guest/stat-files.ts'
import { agentSudoOf, sudoOf } from '../../../../diagnosis/collect/guest/sudo.ts'
import { unitsOf } from '../../../../diagnosis/collect/guest/units.ts'

t.test('units say how their last process ended, and nothing of one that never ran', async (t) => {
  const shown = (id: string, code: number, status: number, rest: string) => `ExecMainCode=${code}\nExecMainStatus=${status}\nId=${id}\n${rest}\n`
  const text = [
    shown('a.service', 2, 9, 'LoadState=loaded\nActiveState=failed\nSubState=failed\nResult=oom-kill\nNRestarts=3\nUnitFileState=enabled'),
    shown('b.service', 1, 203, 'LoadState=loaded\nActiveState=activating\nSubState=auto-restart\nResult=exit-code\nNRestarts=5\nUnitFileState=static'),
    shown('c.service', 0, 0, 'LoadState=not-found\nActiveState=inactive\nSubState=dead\nResult=success\nNRestarts=0\nUnitFileState='),
  ].join('\n')
  t.same(unitsOf(text), [
    { name: 'a.service', load: 'loaded', active: 'failed', sub: 'failed', result: 'oom-kill', status: 9, code: 'killed', restarts: 3, enabled: 'enabled' },
    { name: 'b.service', load: 'loaded', active: 'activating', sub: 'auto-restart', result: 'exit-code', status: 203, code: 'exited', restarts: 5, enabled: 'static' },
    { name: 'c.service', load: 'not-found', active: 'inactive', sub: 'dead', result: 'success', restarts: 0, enabled: '' },
  ])
})

t.test('a journal keeps the last 80 lines of each unit; what systemd says of a unit is that unit\'s', async (t) => {
  const entry = (message: unknown, unit: object) => JSON.stringify({ MESSAGE: message, __REALTIME_TIMESTAMP: '1795602657318500', SYSLOG_IDENTIFIER: 'x', _PID: '7', ...unit })
  const many = Array.from({ length: 100 }, (_, index) => entry(`line ${index}`, { _SYSTEMD_UNIT: 'a.service' }))
  const journals = journalsOf([...many, entry('Started it.\nand more', { UNIT: 'b.service', _SYSTEMD_UNIT: 'init.scope' })].join('\n'), undefined)
  t.equal(journals['a.service']!.length, 80)
  t.equal(journals['a.service']!.at(-1), '2026-11-25T10:30:57Z x[7]: line 99')
  t.same(journals['b.service'], ['2026-11-25T10:30:57Z x[7]: Started it.', '2026-11-25T10:30:57Z x[7]: and more'])
})

t.test('sudo that was refused is kept, sudo that did its work is chatter', async (t) => {
  t.ok(isChatter('   trove : PWD=/var/lib/trove ; USER=root ; COMMAND=/bin/cp a b', 'sudo'))
  t.ok(isChatter("2026-11-25 10:32:43,341 INFO sqlalchemy.engine.Engine CREATE USER 'x'"))
  t.notOk(isChatter('   trove : command not allowed ; PWD=/ ; USER=root ; COMMAND=/bin/sh', 'sudo'))
  t.notOk(isChatter('   trove : a password is required ; PWD=/ ; USER=root ; COMMAND=/bin/cp', 'sudo'))
})

t.test('files that could not be looked at are left out, those that are not there are said to be missing', async (t) => {
  const text = [
    '644|trove:trove|203|1795602651|/etc/trove/conf.d/guest_info.conf',
    "stat: cannot statx '/etc/trove/eth1.json': No such file or directory",
    "stat: cannot statx '/etc/sudoers.d/trovestrap-agent': Permission denied",
    '600|root:root|1|1795602651|/etc/shadow',
  ].join('\n')
  t.same(filesSeen(text), [
    { path: '/etc/trove/conf.d/guest_info.conf', exists: true, mode: '644', owner: 'trove:trove', size: 203, changed: '2026-11-25T10:30:51.000Z' },
    { path: '/etc/trove/eth1.json', exists: false },
  ])
})

t.test('several files in one stream are told apart, the last one without a line end too', async (t) => {
  t.same([...filesOf('==> /a <==\none\n\n==> /b <==\n\n==> /c <==\nlast')], [['/a', 'one\n'], ['/b', ''], ['/c', 'last']])
})

t.test('an address belongs to the interface above it, with its state', async (t) => {
  const text = '1: lo: <LOOPBACK,UP> mtu 65536 qdisc noqueue state UNKNOWN group default\n    inet 127.0.0.1/8 scope host lo\n2: eth1@if3: <BROADCAST> mtu 1500 state DOWN\n    link/ether 52:54:00:12:34:56 brd ff\n    inet 192.168.254.5/24 brd 192.168.254.255 scope global eth1\n3: eth2: <UP> state UP\n'
  t.same(addressesOf(text), [
    { interface: 'lo', state: 'UNKNOWN', address: '127.0.0.1/8' },
    { interface: 'eth1', state: 'DOWN', address: '192.168.254.5/24' },
  ])
})

t.test('the words of bash, nc and Python are one set of outcomes', async (t) => {
  const cases: [string, string][] = [
    ['0', 'open'],
    ['1 bash: connect: Connection refused bash: line 1: /dev/tcp/h/1: Connection refused', 'refused'],
    ['1 bash: connect: No route to host', 'unreachable'],
    ['1 bash: connect: Network is unreachable', 'unreachable'],
    ['1 bash: h: Name or service not known bash: line 1: /dev/tcp/h/1: Invalid argument', 'unknown-name'],
    ['1 bash: h: Temporary failure in name resolution', 'unknown-name'],
    ['124', 'silent'],
    ['1 nc: connect to h port 1 (tcp) failed: Connection refused', 'refused'],
    ['1 Ncat: TIMEOUT. Connection timed out.', 'silent'],
    ['1 Traceback (most recent call last): TimeoutError: timed out', 'silent'],
    ['1 socket.gaierror: [Errno -2] Name or service not known', 'unknown-name'],
    ['127', 'exit status 127'],
  ]
  for (const [line, outcome] of cases) t.same(probesOf(`h 1 ${line}`), [{ host: 'h', port: 1, outcome }], line)
})

t.test('the places to try are the brokers, the host-server that answered, and the way to the controller', async (t) => {
  const transport = { hosts: [{ host: '10.0.0.1', port: 5672, user: 'trove' }], vhost: 'trove', file: 'x' }
  const guest = '==> /etc/trovestrap/guest.json <==\n{"urls":["https://image:15555"]}\n'
  const found = '==> /run/trovestrap/host.json <==\n{"url":"https://[fd00::2]:15555"}\n\n'
  const controller = '==> /etc/trove/controller.conf <==\nTROVE=1\nCONTROLLER="10.0.0.9"\n\n'
  t.same(placesOf(transport, controller + found + guest), [{ host: '10.0.0.1', port: 5672 }, { host: 'fd00::2', port: 15555 }, { host: '10.0.0.9', port: 0 }])
  t.same(placesOf(undefined, guest), [{ host: 'image', port: 15555 }])
  t.same(placesOf(undefined, '==> /etc/trove/controller.conf <==\nCONTROLLER=$(reboot)\n'), [])
  t.same(placesOf({ ...transport, hosts: [{ host: 'a;b', port: 1, user: 'u' }] }, undefined), [])
})

t.test('sudo is timed by the guest\'s own clock', async (t) => {
  t.same(sudoOf(new Map([['', '10.00\n'], ['who', 'root 22.50\n']]), 'sudo: unable to resolve host db-1: Name or service not known\n', { ended: true, answers: true, waited: 13 }), {
    ok: true,
    seconds: 12.5,
    said: 'sudo: unable to resolve host db-1: Name or service not known',
  })
  t.same(sudoOf(new Map([['', '10.00\n']]), 'sudo: a password is required\n', { ended: true, answers: false, waited: 0.2 }), { ok: false, seconds: 0.2, said: 'sudo: a password is required' })
  t.same(sudoOf(new Map(), '', { ended: false, answers: true, waited: 7 }), { ok: false, seconds: 7, said: 'sudo has not ended within 7 s' })
  t.equal(sudoOf(new Map(), '', { ended: false, answers: true, waited: 2 }), undefined, 'it has not had its time')
  t.equal(sudoOf(new Map(), '', { ended: false, answers: false, waited: 7 }), undefined, 'the whole guest is slow')
})

t.test('the agent\'s own sudo works, is refused, hangs, or was not tried', async (t) => {
  t.same(agentSudoOf('mount from util-linux\nstatus 0 trove\n'), { ok: true })
  t.same(agentSudoOf('sudo: a password is required\nstatus 1 trove\n'), { ok: false, said: 'sudo: a password is required' })
  t.same(agentSudoOf('status 124 trove\n'), { ok: false, said: 'no answer within 3 s' })
  t.equal(agentSudoOf(''), undefined)
})

t.test('a container engine that does not answer says why', async (t) => {
  const said = (sections: Record<string, string>) => dockerOf(new Map(Object.entries(sections)))?.said
  t.equal(dockerOf(new Map()), undefined)
  t.equal(said({ 'docker-1-containers': 'failed: Connection refused\n', 'docker-status': '0\n' }), 'Connection refused')
  t.equal(said({ 'docker-1-containers': '', 'docker-status': '124\n' }), 'no answer within 4 s')
  t.equal(said({ 'docker-1-containers': 'HTTP/1.0 500 Internal Server Error\r\n\r\n{}', 'docker-status': '0' }), '500 Internal Server Error')
  t.equal(said({ 'docker-status': '127\n' }), 'neither perl nor python3 is there to ask it')
  t.same(dockerOf(new Map([['docker-1-containers', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n\r\n']])), { answers: true, containers: [], images: [] })
})

t.test('the machine is described in bytes and names', async (t) => {
  t.same(memoryOf('MemTotal:        1000 kB\nMemFree: 1 kB\nMemAvailable:    500 kB\n'), { total: 1024000, available: 512000 })
  t.equal(memoryOf('MemTotal: x'), undefined)
  t.same(nameserversOf('# nameserver 9.9.9.9\nnameserver 10.0.2.3\nsearch x\n'), ['10.0.2.3'])
  t.same(accountsOf('root:x:0:0::/:/bin/sh\ntrove:x:997:997::/:/x\nubuntu:x:1000:1000::/:/x\nnobody:x:65534:1::/:/x\n'), [{ name: 'trove', uid: 997 }, { name: 'ubuntu', uid: 1000 }])
  t.same(disksOf('Filesystem 1-blocks Used Available Capacity Mounted on\n/dev/vda1 100 90 0 100% /\nudev 5 0 5 0% /dev\nproc 0 0 0 - /proc\n'), [{ mount: '/', source: '/dev/vda1', size: 100, free: 0 }])
  t.same([pythonOf('/usr/bin/python3.11\n'), pythonOf('/usr/bin/python3\n')], ['3.11', undefined])
})

t.test('a secret is taken out by value, as it stands and encoded; words that everybody uses are not', async (t) => {
  const hidden = worthHiding(['ab/cd-efgh', 'trove', 'guest', 'short'])
  t.equal(withoutValues('login ab/cd-efgh ab%2Fcd-efgh of trove', hidden), 'login *** *** of trove')
  t.equal(withoutValues("CREATE USER 'a' IDENTIFIED BY 'hush'; ALTER USER b IDENTIFIED WITH mysql_native_password AS \"hush\"", []), "CREATE USER 'a' IDENTIFIED BY ***; ALTER USER b IDENTIFIED WITH mysql_native_password AS ***")
  t.equal(withoutValues('[Note] A temporary password is generated for root@localhost: iC!d+:8', []), '[Note] A temporary password is generated for root@localhost: ***')
})
