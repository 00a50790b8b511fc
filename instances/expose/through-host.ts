import { createServer } from 'node:net'
import { hostNetworks, type HostNetworks } from '../../host-setup/firewall/host-networks.ts'
import { planExposing, type FirewallSettings, type Planned } from '../../host-setup/firewall/open.ts'
import { runCommand } from '../../host-setup/run-command.ts'
import { readState, type Exposure } from '../../host-setup/firewall/state.ts'
import { greet } from '../greeting/greet.ts'
import { Refusal } from '../refusal.ts'
import type { AskedWay } from './choose-way.ts'
import { called, type Exposable } from './exposable.ts'

const PATIENCE = 3_000

/** By rules of this host. @throws Refusal, HostError, CommandError; nothing is changed */
export async function planExposeThroughHost(exposable: Exposable, asked: AskedWay, settings: FirewallSettings): Promise<Planned & { exposure: Exposure }> {
  const { instance, protocol, address: inside } = exposable
  const host = await hostNetworks(runCommand)
  const there = exposuresOf(instance.id, settings)[0]
  const address = asked.address ?? there?.address ?? ownAddress(instance.id, host)
  const exposure: Exposure = { instance: instance.id, address, port: asked.port ?? there?.port ?? protocol.port, to: { address: inside, port: protocol.port } }
  if (there === undefined) await refuseTaken(exposure, settings, host)
  else if (there.address !== exposure.address || there.port !== exposure.port) throw new Refusal(`${called(instance)} is exposed already, at ${there.address}:${there.port} of this host\n  trovestrap unexpose ${instance.id}      ends that first`)
  await refuseUnreachable(exposure, exposable)
  const planned = await planExposing((exposed) => [...exposed.filter((one) => one.instance !== instance.id), exposure], settings)
  return { ...planned, exposure }
}

/** @throws HostError, CommandError */
export function planUnexposeThroughHost(instance: string, settings: FirewallSettings): Promise<Planned> {
  return planExposing((exposed) => exposed.filter((one) => one.instance !== instance), settings)
}

/** What is exposed of an instance through this host; asks nobody. */
export function exposuresOf(instance: string, { state }: FirewallSettings): Exposure[] {
  return readState(state).exposed.filter((one) => one.instance === instance)
}

function ownAddress(instance: string, { interfaces, outbound }: HostNetworks): string {
  const address = interfaces.find(({ name }) => name === outbound)?.addresses[0]
  if (address === undefined) throw new Refusal(`this host has no default route, so nothing tells at which of its addresses clients knock\n  trovestrap expose ${instance} --host --address ${interfaces.flatMap(({ addresses }) => addresses)[0] ?? 'ADDRESS'}`)
  return address
}

async function refuseTaken({ instance, address, port }: Exposure, { state }: FirewallSettings, { interfaces }: HostNetworks): Promise<void> {
  const other = readState(state).exposed.find((one) => one.address === address && one.port === port)
  if (other) throw new Refusal(`port ${port} of ${address} leads to instance ${other.instance} already\n  trovestrap expose ${instance} --host --port ${port + 1}`)
  const own = interfaces.flatMap(({ addresses }) => addresses)
  if (!own.includes(address)) throw new Refusal(`expected an address of this host, got ${address}; it has ${own.join(', ')}\n  trovestrap expose ${instance} --host --address ${own[0] ?? 'ADDRESS'}`)
  if (await isListening(address, port)) throw new Refusal(`something on this host listens at ${address}:${port}, and would not be reached any more\n  trovestrap expose ${instance} --host --port ${port + 1}`)
}

/** Somebody else's port cannot be listened on. */
function isListening(address: string, port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const server = createServer()
  server.once('error', () => resolve(true))
  server.listen(port, address, () => server.close(() => resolve(false)))
  return promise
}

/** Rules would be of no use: in many clouds the networks of users are not the host's. */
async function refuseUnreachable({ to }: Exposure, { instance, protocol }: Exposable): Promise<void> {
  const met = await greet(to.address, protocol, PATIENCE, to.port)
  if ('why' in met) throw new Refusal(`this host itself does not meet the database of ${called(instance)} at ${to.address}:${to.port}: ${met.why}\n  trovestrap expose ${instance.id}      by Neutron`, 'failed')
}
