import { HostError } from '../host-error.ts'
import { runCommand, type Run } from '../run-command.ts'
import { backendOf, detectBackend, type BackendName } from './backend.ts'
import { carryOutPlan } from './carry-out-plan.ts'
import { hostNetworks } from './host-networks.ts'
import { ipForward } from './ip-forward.ts'
import { planFirewall, type Host, type Plan, type Target } from './plan.ts'
import { readState, stateFile, type FirewallState } from './state.ts'
import { decideWish, type Asked, type Configured } from './wish.ts'

/** What of the configuration counts for the firewall. */
export interface FirewallSettings extends Configured {
  /** The state folder. */
  readonly state: string
}

export interface Planned {
  readonly plan: Plan
  /** The file in which it is remembered. */
  readonly remembered: string
  /** Types it all. @throws HostError */
  carryOut(): Promise<void>
}

/**
 * Opens this host for guests.
 * @param asked with `remembered`, what was applied and exposed before, and nothing else: for the start of the machine
 * @throws HostError, CommandError
 */
export async function planOpening(asked: Asked & { backend?: BackendName; remembered?: boolean }, settings: FirewallSettings, run: Run = runCommand): Promise<Planned> {
  const before = readState(settings.state)
  const host = await lookAtHost(run)
  if (asked.remembered) return await planned(before, before, host, settings)
  const wish = decideWish(asked, before.opened, settings, host.networks)
  const backend = asked.backend ? backendOf(asked.backend) : await detectBackend(run)
  if (!(await backend.isActive(run))) throw new HostError(`expected a firewall that is active here, got ${backend.name}, which is not`)
  return await planned({ opened: { backend: backend.name, ...wish, guests: [...wish.guests], ports: [...wish.ports] }, exposed: before.exposed }, before, host, settings)
}

/** Closes what was opened for guests. @throws HostError also while a database is exposed through this host: it needs the forwarding */
export async function planClosing(settings: FirewallSettings, run: Run = runCommand): Promise<Planned> {
  const before = readState(settings.state)
  if (before.exposed.length > 0) throw new HostError(`${before.exposed.length === 1 ? 'a database is' : `${before.exposed.length} databases are`} exposed through this host, which would end that\n${before.exposed.map(({ instance }) => `  trovestrap unexpose ${instance}`).join('\n')}`)
  return await planned({ exposed: [] }, before, await lookAtHost(run), settings)
}

/** Leaves what is opened, and has exactly these databases exposed. @throws HostError, CommandError */
export async function planExposing(change: (exposed: FirewallState['exposed']) => FirewallState['exposed'], settings: FirewallSettings, run: Run = runCommand): Promise<Planned> {
  const before = readState(settings.state)
  return await planned({ ...before, exposed: change(before.exposed) }, before, await lookAtHost(run), settings)
}

async function planned(target: Target, before: FirewallState, host: Host, { state }: FirewallSettings): Promise<Planned> {
  const plan = await planFirewall(target, before, host)
  return { plan, remembered: stateFile(state), carryOut: () => carryOutPlan(plan, before, state, host.run) }
}

async function lookAtHost(run: Run): Promise<Host> {
  return { run, networks: await hostNetworks(run), ipForward: ipForward() }
}
