import { run } from '../run.ts'

/** A network of the cloud as the host is in it: a bridge, which the servers' interfaces are put on. */
export interface LabNetwork {
  /** Neutron's name. */
  readonly name: string
  /** Of the host, which is the controller too. */
  readonly address: string
  readonly cidr: string
}

/** The network that Trove's guests and the control plane share. */
export const MANAGEMENT: LabNetwork = { name: 'mgmt', address: '10.99.0.1', cidr: '10.99.0.0/24' }
/** The network of those who use the databases. */
export const USERS: LabNetwork = { name: 'users', address: '10.98.0.1', cidr: '10.98.0.0/24' }
/** The network that floating addresses are of; Neutron's router leads from it to the users' one. */
export const PUBLIC: LabNetwork = { name: 'public', address: '10.97.0.1', cidr: '10.97.0.0/24' }

/** The one address of all that the cloud serves. */
export const HOST = MANAGEMENT.address

/** As neutron-drivers/bind_all.py names it to Nova. */
export function bridgeOf({ name }: LabNetwork): string {
  return `br-${name}`
}

/** The id of a network as Neutron has it, where neutron-drivers/aliased_bridge.py looks for it. */
export async function nameBridge(network: LabNetwork, id: string): Promise<void> {
  await run(['ip', 'link', 'set', bridgeOf(network), 'alias', id])
}

/** Gives the host its interfaces, which a network namespace that is new lacks. */
export async function layNetworks(): Promise<void> {
  await run(['ip', 'link', 'set', 'lo', 'up'])
  for (const network of [MANAGEMENT, USERS, PUBLIC]) {
    const bridge = bridgeOf(network)
    await run(['ip', 'link', 'add', bridge, 'type', 'bridge', 'forward_delay', '0'])
    await run(['ip', 'address', 'add', `${network.address}/24`, 'dev', bridge])
    await run(['ip', 'link', 'set', bridge, 'up'])
  }
}
