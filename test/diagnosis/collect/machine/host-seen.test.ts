import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { Value } from 'typebox/value'
import { clockSeen } from '../../../../diagnosis/collect/machine/clock-seen.ts'
import { disksSeen } from '../../../../diagnosis/collect/machine/disks-seen.ts'
import { hostSeen } from '../../../../diagnosis/collect/machine/host-seen.ts'
import { keysSeen } from '../../../../diagnosis/collect/machine/keys-seen.ts'
import { ownAddresses } from '../../../../diagnosis/collect/machine/own-addresses.ts'
import { listenersOf, processes, servicesOf } from '../../../../diagnosis/collect/machine/processes.ts'
import { HostSeen } from '../../../../diagnosis/host-seen.ts'

/** In a namespace of its own: a bridge that no guest is on. */
const BRIDGE = `
import { execFileSync } from 'node:child_process'
import { ownAddresses } from ${JSON.stringify(new URL('../../../../diagnosis/collect/machine/own-addresses.ts', import.meta.url).href)}
for (const words of ['link set lo up', 'link add br0 type bridge', 'address add 10.99.0.1/24 dev br0', 'link set br0 up']) execFileSync('ip', words.split(' '))
console.log(JSON.stringify(ownAddresses().filter((address) => !address.includes(':'))))
`

t.test('the whole host, as this one is', async (t) => {
  const partly: string[] = []
  const seen = await hostSeen({ aliases: ['10.0.2.2'], needed: [5672] }, [], AbortSignal.timeout(5000), (why) => void partly.push(why))
  t.same([...Value.Errors(HostSeen, seen)], [])
  t.match(seen, { aliases: ['10.0.2.2'], keys: [], forwarding: Boolean })
  t.ok(partly.every((why) => /^(clock|packet filter): /.test(why)), partly.join('; '))
})

t.test('who listens on a port is told by the program’s name', async (t) => {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const own = processes().filter(({ pid }) => pid === process.pid)
  t.equal(own.length, 1)
  t.same(listenersOf(own, [port]), { [port]: own[0]!.name })
  t.same(listenersOf(own, [port + 1]), {})
})

t.test('a service of Trove is known by its program, whoever runs it; who only reads of it is not', async (t) => {
  const of = (...words: string[]) => ({ pid: words.length, words, name: 'x' })
  const services = servicesOf([
    of('/usr/bin/python3', '/usr/bin/trove-conductor', '--config-file', '/etc/trove/trove.conf'),
    of('uwsgi', '--ini', '/etc/trove/trove-api-uwsgi.ini'),
    of('tail', '-f', '/var/log/trove/trove-taskmanager.log'),
    of('vi', '/etc/trove/trove-taskmanager.conf', 'x', 'y'),
  ])
  t.same(services, { 'trove-api': [3], 'trove-conductor': [4], 'trove-taskmanager': [] })
})

t.test('a running service is seen', async (t) => {
  const folder = t.testdir({ 'trove-taskmanager': 'setInterval(() => {}, 1000); console.log("runs")\n' })
  const child = spawn(process.execPath, [join(folder, 'trove-taskmanager')], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  t.ok(servicesOf(processes())['trove-taskmanager']!.includes(child.pid!))
})

t.test('clocks: the first that tells counts, and where nobody tells that is said', async (t) => {
  const missing = Object.assign(new Error('spawn ENOENT'), { code: 'ENOENT' })
  const ask = async (answers: Record<string, Error | string>) => {
    const partly: string[] = []
    const seen = await clockSeen(AbortSignal.timeout(1000), (why) => void partly.push(why), async (program) => {
      const answer = answers[program]!
      if (answer instanceof Error) throw answer
      return answer
    })
    return { seen, partly }
  }
  const tracking = (leap: string) => `D8EF2300,216.239.35.0,2,1700000000.1,0.000001,0.000002,0.000003,1.2,0.001,0.01,0.02,0.003,64.2,${leap}\n`
  t.same(await ask({ chronyc: tracking('Normal'), timedatectl: 'no\n' }), { seen: { synchronised: true, from: 'chronyc tracking' }, partly: [] })
  t.same(await ask({ chronyc: tracking('Not synchronised'), timedatectl: 'yes\n' }), { seen: { synchronised: false, from: 'chronyc tracking' }, partly: [] })
  t.same(await ask({ chronyc: missing, timedatectl: 'yes\n' }), { seen: { synchronised: true, from: 'timedatectl' }, partly: [] })
  t.same(await ask({ chronyc: new Error('506 Cannot talk to daemon'), timedatectl: 'no\n' }), { seen: { synchronised: false, from: 'timedatectl' }, partly: [] })
  t.same(await ask({ chronyc: missing, timedatectl: missing }), { seen: undefined, partly: ['clock: neither chronyc nor timedatectl is here'] })
  t.same(await ask({ chronyc: new Error('506 Cannot talk to daemon'), timedatectl: missing }), { seen: undefined, partly: ['clock: chronyc tracking: 506 Cannot talk to daemon'] })
})

t.test('what lies on one file system is told once', async (t) => {
  const folder = t.testdir({ a: {}, b: {} })
  const [one, ...others] = await disksSeen(undefined, [["Glance's images", join(folder, 'a')], ["Nova's instances", join(folder, 'b')], ["Nova's instances", join(folder, 'none')]])
  t.match(one, { mount: join(folder, 'a'), holds: ["Glance's images", "Nova's instances"] })
  t.ok(one!.free > 0 && one!.size > one!.free)
  t.same(others, [])
})

t.test('modes of what is secret are told as chmod takes them', async (t) => {
  const state = t.testdir({})
  mkdirSync(join(state, 'pki'))
  for (const [file, mode] of [['pki/server.pem', 0o600], ['operator.token', 0o644]] as const) {
    writeFileSync(join(state, file), 'secret')
    chmodSync(join(state, file), mode)
  }
  t.same(keysSeen(state), [{ path: join(state, 'pki/server.pem'), mode: '0600' }, { path: join(state, 'operator.token'), mode: '0644' }])
})

t.test('addresses of an interface without a carrier are this host’s too, those of loopback are nobody’s', async (t) => {
  const trie = `Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 10.99.0.0
        /24 link UNICAST
Local:
  +-- 0.0.0.0/0 3 0 5
     +-- 10.99.0.0/24 2 0 2
        |-- 10.99.0.1
           /32 host LOCAL
        |-- 10.99.0.255
           /32 link BROADCAST
     |-- 127.0.0.1
        /32 host LOCAL
`
  const six = '00000000000000000000000000000001 01 80 10 80       lo\n20010db8000000000000000000000007 02 40 00 80     eth0\n'
  t.same(ownAddresses((path) => (path.endsWith('fib_trie') ? trie : six)), ['10.99.0.1', '2001:db8::7'])
  const told = execFileSync('unshare', ['--map-root-user', '--net', process.execPath, '--input-type=module-typescript', '-e', BRIDGE], { encoding: 'utf8' })
  t.same(JSON.parse(told), ['10.99.0.1'])
})
