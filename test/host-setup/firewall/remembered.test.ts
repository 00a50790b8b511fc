import t from 'tap'
import { inAWorld } from './in-a-world.ts'
import { OUTSIDE } from './opens-and-closes.ts'

t.test('what was opened is opened again after a reboot, or after somebody flushed the rules', async (t) => {
  const world = await inAWorld(t, 'nftables')
  t.match(await world.does('trovestrap', 'firewall', 'apply', '--remembered'), { exitCode: 0, stdout: 'nothing was left to do\n' }, 'nothing was opened yet')
  await world.does('trovestrap', 'firewall', 'apply')
  await world.does('run', 'nft', 'flush', 'ruleset')
  await world.does('run', 'sysctl', '-q', '-w', 'net.ipv4.ip_forward=0')
  t.equal(await world.reaches('guest', OUTSIDE, 8000), undefined)
  t.match(await world.does('trovestrap', 'firewall', 'apply', '--remembered'), { exitCode: 0, stdout: /^open/ })
  t.ok(await world.reaches('guest', OUTSIDE, 8000))
  await world.does('run', 'nft', 'flush', 'chain', 'inet', 'trovestrap', 'postrouting')
  t.match(await world.does('trovestrap', 'firewall', 'apply'), { exitCode: 0, stdout: /^open/ }, 'a change by another hand is noticed')
  t.ok(await world.reaches('guest', OUTSIDE, 8000))
})

t.test('what cannot be opened is one line and what to type, and nothing is changed', async (t) => {
  const world = await inAWorld(t, 'nftables')
  const before = (await world.does('traces')).stdout
  const bad = [
    [['--guests', '10.5.0.0/4'], /expected the guests' network as an IPv4 address with \/8 to \/32, got "10\.5\.0\.0\/4"\n {2}trovestrap/],
    [['--guests', 'fd00::/64'], /expected the guests' network as an IPv4 address/],
    [['--outbound', 'eth7'], /expected an interface of this host for --outbound, got "eth7"; it has in0, out0/],
    [['--backend', 'ufw'], /expected a firewall that is active here, got ufw, which is not/],
  ] as const
  for (const [words, told] of bad) t.match(await world.does('trovestrap', 'firewall', 'apply', ...words), { exitCode: 2, stderr: told })
  await world.does('run', 'ip', 'route', 'del', 'default')
  t.match(await world.does('trovestrap', 'firewall', 'apply'), { exitCode: 2, stderr: /no default route.*\n {2}trovestrap firewall plan --outbound IFACE/ })
  t.equal((await world.does('traces')).stdout, before)
})
