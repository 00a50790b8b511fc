import t, { type Test } from 'tap'
import { inAWorld, type World } from './in-a-world.ts'
import { HOST, OUTSIDE } from './opens-and-closes.ts'

t.test('what a table of somebody else drops is said with what to type, and that opens it', async (t) => {
  const world = await inAWorld(t, 'nftables')
  for (const line of ['-N DOCKER-USER', '-A FORWARD -j DOCKER-USER', '-P FORWARD DROP', '-A INPUT -p tcp --dport 22 -j ACCEPT', '-A INPUT -s 10.5.0.0/16 -j REJECT']) await world.does('run', 'iptables', ...line.split(' '))
  const applied = await world.does('trovestrap', 'firewall', 'apply', '--json')
  t.match(applied, { exitCode: 1, stderr: /what is open here is dropped by ip filter INPUT, ip filter FORWARD/ })
  t.equal(await world.reaches('guest', OUTSIDE, 8000), undefined)
  t.equal(await world.reaches('guest', HOST, 8080), undefined)

  const { obstacles } = JSON.parse(applied.stdout) as { obstacles: { mend: string; certain: boolean }[] }
  t.match(obstacles.map(({ mend }) => mend), [/^iptables -I INPUT -s 10\.5\.0\.0\/24 /, /^iptables -I DOCKER-USER -o out0 /, /^iptables -I DOCKER-USER -i out0 /])
  await type(t, world, obstacles)
  t.ok(await world.reaches('guest', OUTSIDE, 8000))
  t.ok(await world.reaches('guest', HOST, 8080))
  t.match(await world.does('trovestrap', 'firewall', 'apply'), { exitCode: 0 })
})

t.test('a native ruleset that drops by policy is opened by what is told, in its own words', async (t) => {
  const world = await inAWorld(t, 'nftables')
  for (const line of ['add table inet filter', 'add chain inet filter input { type filter hook input priority filter ; policy drop ; }', 'add rule inet filter input ct state vmap { established : accept, related : accept, invalid : drop }', 'add rule inet filter input iifname lo accept']) {
    t.match(await world.does('run', 'nft', line), { exitCode: 0, stderr: '' })
  }
  const { stdout } = await world.does('trovestrap', 'firewall', 'apply', '--json')
  const { obstacles } = JSON.parse(stdout) as { obstacles: { mend: string; certain: boolean }[] }
  t.match(obstacles, [{ chain: 'inet filter input', certain: true }])
  t.equal(await world.reaches('guest', HOST, 8080), undefined)
  await type(t, world, obstacles)
  t.ok(await world.reaches('guest', HOST, 8080))
  t.equal(await world.reaches('guest', HOST, 8081), undefined)
  t.match(await world.does('trovestrap', 'firewall', 'plan', '--json').then(({ stdout }) => JSON.parse(stdout)), { obstacles: [], steps: [] })
})

/** Each command as it was told, by its words. */
async function type(t: Test, world: World, obstacles: readonly { mend: string }[]): Promise<void> {
  for (const { mend } of obstacles) t.match(await world.does('run', ...(mend.match(/'[^']*'|\S+/g) ?? []).map((word) => word.replaceAll("'", ''))), { exitCode: 0 }, mend)
}
