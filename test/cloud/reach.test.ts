// A guest is logged in to, and its logs are read, by what the cloud and its own report say of it.
import { cloud, debugKey, published, type } from './the-cloud.ts'
import root from 'tap'
import { USERS } from '../../lab/cloud/network.ts'
import { until } from '../../lab/until.ts'
import { managedInstances } from '../../openstack/trove.ts'
import { patience } from './patience.ts'

const SAID_MS = 900_000
const KEY = ['--key', debugKey]

await published()
await type.well(['trovestrap', 'launch', 'reach-1', '--datastore', 'mysql', '--version', '5.7.29', '--flavor', 'db.small', '--network', USERS.name])
const { id } = (await managedInstances(cloud.openstack, patience())).find(({ name, deleted }) => name === 'reach-1' && deleted !== true)!

await root.test('logs shows the console of a guest that has reported nothing yet, and ssh does not log in to it', async (t) => {
  const early = await until('its console', async () => (/^console /m.test((await type(['trovestrap', 'logs', 'reach-1', ...KEY])).stdout) ? await type(['trovestrap', 'logs', 'reach-1', ...KEY]) : undefined), { timeoutMs: SAID_MS, everyMs: 2_000 })
  t.equal(early.status, 0)
  t.match(early.stderr, /no host key of reach-1 is known/)
  t.match(await type(['trovestrap', 'ssh', 'reach-1', ...KEY, '--', 'true']), { status: 2 })
})

await root.test('status shows the host key that the guest has reported, while it still comes up', async (t) => {
  const keys = await until("the guest's host keys", hostKeys, { timeoutMs: SAID_MS, everyMs: 1_000 })
  t.match(keys[0], /^ssh-ed25519 /)
  t.match(await type.well(['trovestrap', 'status', id]), /host key SHA256:\S{43} \(ssh-ed25519\)/)
})

await root.test('ssh finds the guest by its name, logs in by its key alone, and ends as the command does', async (t) => {
  const ran = await type(['trovestrap', 'ssh', 'reach-1', ...KEY, '--', 'sudo', 'sh', '-c', 'cat /etc/ssh/ssh_host_ed25519_key.pub; exit 5'])
  t.equal(ran.status, 5, ran.stderr)
  t.equal(ran.stdout.split(' ').slice(0, 2).join(' '), (await hostKeys())![0], 'and it is the guest that has reported that key')
  t.match(ran.stderr, /log in +reach-1: debug@10\.9[89]\.0\.\d+:22/)
  const shell = await type(['trovestrap', 'ssh', 'reach-1', ...KEY])
  t.equal(shell.status, 0, shell.stderr)
})

await root.test('logs has daemon, agent and cloud-init in the order of their time', async (t) => {
  await until('the agent to be started', async () => (/stage=start-agent state=done/.test(await logs('--lines', '1000')) ? true : undefined), { timeoutMs: SAID_MS, everyMs: 5_000 })
  const lines = (await logs('--lines', '1000')).trim().split('\n')
  const times = lines.map((line) => line.slice(0, 24))
  t.same(times, [...times].sort())
  for (const source of ['guest', 'agent', 'cloud-init']) t.ok(lines.some((line) => line.slice(26).startsWith(`${source} `)), source)
  t.equal((await logs('--lines', '3')).trim().split('\n').length, 3)
  const one = await logs('--unit', 'ssh', '--lines', '50', '--json')
  t.match(JSON.parse(one.split('\n')[0]!), { source: 'ssh' })
})

await root.test('where SSH reaches nothing, logs shows the console that Nova has', async (t) => {
  const { status, stdout, stderr } = await type(['trovestrap', 'logs', 'reach-1', ...KEY, '--address', '10.98.0.254:1'])
  t.equal(status, 0, stderr)
  t.match(stderr, /SSH does not reach reach-1; this is its console/)
  t.match(stdout, /^console +.*stage=/m)
})

await root.test('the instance goes', async () => {
  await type.well(['trovestrap', 'delete', 'reach-1', '--force', '--remove-left-over'])
})

async function hostKeys(): Promise<string[] | undefined> {
  const { instances } = JSON.parse(await type.well(['trovestrap', 'status', '--json'])) as { instances: { instance: string; host_keys?: string[] }[] }
  return instances.find(({ instance }) => instance === id)?.host_keys
}

function logs(...words: string[]): Promise<string> {
  return type.well(['trovestrap', 'logs', 'reach-1', ...KEY, ...words])
}
