import type { Test } from 'tap'
import { inAWorld } from './in-a-world.ts'

export const HOST = '10.5.0.1'
export const OUTSIDE = '203.0.113.2'

/** A guest gets out and at the control plane's ports from apply until remove, which leaves no trace. */
export async function opensAndCloses(t: Test, backend: 'nftables' | 'firewalld' | 'ufw'): Promise<void> {
  const world = await inAWorld(t, backend)
  const before = (await world.does('traces')).stdout
  t.equal(await world.reaches('guest', OUTSIDE, 8000), undefined)

  const plan = await world.does('trovestrap', 'firewall', 'plan')
  t.match(plan, { exitCode: 0, stdout: new RegExp(`with    ${backend}\n`) })
  t.equal((await world.does('traces')).stdout, before, 'plan changes nothing')

  t.match(await world.does('trovestrap', 'firewall', 'apply'), { exitCode: 0, stdout: /^open/ })
  t.equal(await world.reaches('guest', OUTSIDE, 8000), '203.0.113.1', 'masqueraded: the outside has no way to a guest')
  t.ok(await world.reaches('guest', HOST, 8080))
  if (backend !== 'nftables') t.equal(await world.reaches('guest', HOST, 8081), undefined, 'no port but those that are told')

  t.match(await world.does('trovestrap', 'firewall', 'apply'), { exitCode: 0, stdout: 'nothing was left to do\n' })
  const { remembered } = JSON.parse((await world.does('trovestrap', 'firewall', 'plan', '--json')).stdout) as { remembered: string }
  t.match(await world.does('run', 'stat', '-c', '%a', remembered), { stdout: '600\n' })
  t.match(await world.does('trovestrap', 'firewall', 'plan'), { stdout: /\nnothing is left to do\n/ })
  t.match(await world.does('trovestrap', 'firewall', 'apply', '--guests', '10.5.0.0/24', '10.6.0.0/24'), { exitCode: 0, stdout: /^open/ }, 'one more network')
  t.ok(await world.reaches('guest', OUTSIDE, 8000))

  t.match(await world.does('trovestrap', 'firewall', 'remove'), { exitCode: 0, stdout: 'nothing of ours is left\n' })
  t.equal(await world.reaches('guest', OUTSIDE, 8000), undefined)
  t.same(JSON.parse((await world.does('traces')).stdout), JSON.parse(before))
  t.match(await world.does('trovestrap', 'firewall', 'remove'), { exitCode: 0, stdout: 'nothing was left to do\n' })
}
