import t from 'tap'
import { wayTo } from '../../guest-bootstrap/way-to.ts'
import { machine, type Programs } from './machine.ts'

const answers: { title: string; host: string; programs: Programs; way: object }[] = [
  { title: 'a bridge that lies over the host', host: '172.17.0.5', programs: () => ({ stdout: '172.17.0.5 dev docker0 src 172.17.0.1 uid 0 \\    cache \n' }), way: { dev: 'docker0', source: '172.17.0.1' } },
  { title: 'a gateway', host: '10.9.0.1', programs: () => ({ stdout: '10.9.0.1 via 10.0.2.2 dev eth0 src 10.0.2.15 uid 0 \\    cache \n' }), way: { dev: 'eth0', source: '10.0.2.15', via: '10.0.2.2' } },
  { title: 'IPv6', host: 'fd00::5', programs: () => ({ stdout: 'fd00::5 from :: via fe80::1 dev eth0 proto ra src fd00::15 metric 100 pref medium\n' }), way: { dev: 'eth0', source: 'fd00::15', via: 'fe80::1' } },
  { title: 'no way at all', host: '10.9.0.1', programs: () => ({ code: 2, stderr: 'RTNETLINK answers: Network is unreachable\n' }), way: { route: 'none' } },
  { title: 'a guest without the program', host: '10.9.0.1', programs: () => undefined, way: {} },
  { title: 'a name that has an address', host: 'broker', programs: (program) => ({ stdout: program === 'getent' ? '10.9.0.7        STREAM broker\n' : '10.9.0.7 dev eth1 src 10.9.0.1\n' }), way: { dev: 'eth1', source: '10.9.0.1' } },
  { title: 'a name that has none', host: 'nowhere', programs: () => ({ code: 2 }), way: {} },
]
for (const { title, host, programs, way } of answers) {
  t.test(`the way that packets take: ${title}`, async (t) => t.same(await wayTo(machine(t, { programs }).system, host), way))
}

t.test('the address of a name is taken from the failed connection where that has it', async (t) => {
  const it = machine(t, { programs: () => ({ stdout: '10.9.0.7 dev eth1 src 10.9.0.1\n' }) })
  await wayTo(it.system, 'broker', Object.assign(new Error('connect ETIMEDOUT'), { address: '10.9.0.7' }))
  t.same(it.ran.map(({ line }) => line), ['ip -o route get 10.9.0.7'])
})

t.test('while a fault repeats, the way is not asked for again at once', async (t) => {
  const it = machine(t, { programs: () => ({ stdout: '10.9.0.7 dev eth1 src 10.9.0.1\n' }) })
  await wayTo(it.system, '10.9.0.7')
  t.same(await wayTo(it.system, '10.9.0.7'), { dev: 'eth1', source: '10.9.0.1' })
  t.equal(it.ran.length, 1)
  it.clock.uptime += 31
  await wayTo(it.system, '10.9.0.7')
  t.equal(it.ran.length, 2)
})
