import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { typed, type Command } from '../../../host-setup/command.ts'
import { carryOutPlan } from '../../../host-setup/firewall/carry-out-plan.ts'
import { planFirewall, type Host, type Plan } from '../../../host-setup/firewall/plan.ts'
import { NOTHING, readState, stateFile, writeState, type FirewallState } from '../../../host-setup/firewall/state.ts'
import { CommandError, type Run } from '../../../host-setup/run-command.ts'

const OPENED = { backend: 'nftables', guests: ['10.5.0.0/24'], outbound: 'out0', ports: [5672] } as const
const TARGET: Pick<FirewallState, 'opened' | 'exposed'> = { opened: { ...OPENED, guests: [...OPENED.guests], ports: [...OPENED.ports] }, exposed: [] }
const TABLE = 'table inet trovestrap {\n}\n'

/** Answers what is looked at, as nft does where our table is not there yet, and fails at the commands that begin so. */
function machine(failing: readonly string[]): { run: Run; typed: string[] } {
  const all: string[] = []
  const run: Run = async (command: Command) => {
    const line = typed(command).split(' <<')[0]!
    if (line === 'nft -j list ruleset') return '{"nftables": []}'
    if (line === 'nft -s list table inet trovestrap') {
      if (all.includes('nft -f -')) return TABLE
      throw new CommandError(command, 'Error: No such file or directory', 1)
    }
    all.push(line)
    if (failing.some((start) => line.startsWith(start))) throw new CommandError(command, 'it will not', 1)
    return ''
  }
  return { run, typed: all }
}

function planOn(run: Run): Promise<Plan> {
  const host: Host = { run, networks: { interfaces: [], outbound: 'out0' }, ipForward: '0' }
  return planFirewall(TARGET, NOTHING, host)
}

t.test('what fails half-way is taken back, and nothing is remembered', async (t) => {
  const state = join(t.testdir({}), 'state')
  const { run, typed } = machine(['nft -f'])
  await t.rejects(carryOutPlan(await planOn(run), NOTHING, state, run), { name: 'HostError', kind: 'failed', message: 'nft -f -: it will not; nothing is left of what was begun' })
  t.same(typed, ['sysctl -q -w net.ipv4.ip_forward=1', 'nft -f -', 'sysctl -q -w net.ipv4.ip_forward=0'])
  t.notOk(existsSync(stateFile(state)))
})

t.test('what cannot be taken back is said, with what to type', async (t) => {
  const { run } = machine(['nft -f', 'sysctl -q -w net.ipv4.ip_forward=0'])
  await t.rejects(carryOutPlan(await planOn(run), NOTHING, join(t.testdir({}), 'state'), run), { message: /this is left of what was begun, and is undone by\n {2}sysctl -q -w net\.ipv4\.ip_forward=0$/ })
})

t.test('what the host was like is on disk before anything is changed', async (t) => {
  const state = join(t.testdir({}), 'state')
  const { run } = machine([])
  const plan = await planOn(run)
  await carryOutPlan(plan, NOTHING, state, (command) => {
    if (command.program === 'sysctl') t.match(JSON.parse(readFileSync(stateFile(state), 'utf8')), { ip_forward_before: '0', opened: OPENED })
    return run(command)
  })
  t.match(readState(state), { ip_forward_before: '0', opened: OPENED, table: { asked: /^\w{64}$/ } })
})

t.test('a file that is not what was written there is not believed: root would load it', async (t) => {
  const state = join(t.testdir({}), 'state')
  const exposure = { instance: 'f0000000-0000-4000-8000-000000000001', address: '192.0.2.1', port: 3307, to: { address: '10.0.0.5', port: 3306 } }
  writeState(state, { exposed: [exposure] })
  t.same(readState(state).exposed, [exposure])
  for (const outbound of ['out0" accept; include "/etc/shadow', 'eth0\n', '']) {
    writeState(state, { exposed: [], opened: { ...TARGET.opened!, outbound } })
    t.throws(() => readState(state), /is not what trovestrap wrote there/)
  }
  writeState(state, { exposed: [{ ...exposure, address: '0/0' }] })
  t.throws(() => readState(state), /is not what trovestrap wrote there/)
})
