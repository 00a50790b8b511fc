import type { Command } from 'commander'
import { isThere } from '../host-server/settings/find-file.ts'
import { stateFolder } from '../host-server/state-folder.ts'
import { brokerTargets } from '../instances/left-over/broker-targets.ts'
import { leftVolumes } from '../instances/left-over/in-cinder.ts'
import { leftOfExpose, leftPorts, leftSecurityGroups } from '../instances/left-over/in-neutron.ts'
import { leftInNova, serverMayRun } from '../instances/left-over/in-nova.ts'
import { leftInRabbitmq } from '../instances/left-over/in-rabbitmq.ts'
import type { Search } from '../instances/left-over/left-over.ts'
import type { Cloud } from '../openstack/cloud.ts'
import type { Patience } from '../openstack/http/ask.ts'
import { hostOf, type Host } from './diagnose-host.ts'
import { CliError } from './exit.ts'
import { exposuresOnHost } from './exposures-on-host.ts'
import { patienceOf } from './patience.ts'
import { withStore } from './with-store.ts'

/**
 * Where an instance leaves something, in the order in which it has to be removed.
 * @param everywhere otherwise only what the cloud shows to this project: the instance may live, in another one
 */
export function leftOverPlaces(cloud: Cloud, { id, name }: { id: string; name?: string | null | undefined }, options: { readonly troveConf?: string }, command: Command, everywhere: boolean): Record<string, Search> {
  const host = hostOf(command.optsWithGlobals<{ config?: string }>().config, options)
  return {
    ...(everywhere ? { 'this host': leftOnThisHost(host, id) } : {}),
    'addresses of Neutron': leftOfExpose(cloud, id),
    Nova: leftInNova(cloud, id, name ?? undefined),
    'ports of Neutron': leftPorts(cloud, id),
    'security groups of Neutron': leftSecurityGroups(cloud, id),
    Cinder: leftVolumes(cloud, id),
    ...(everywhere ? { RabbitMQ: leftInBroker(host, id, (patience) => serverMayRun(cloud, id, name ?? undefined, patience)) } : {}),
  }
}

/** Rules by which clients reached it through this host. Who takes them away is `unexpose`: it needs root. */
function leftOnThisHost(host: Host, id: string): Search {
  return async () =>
    exposuresOnHost(host, id).map(({ address, port }) => ({
      what: `rules of this host that lead ${address}:${port} to it`,
      command: `sudo trovestrap unexpose ${id}`,
      remove: () => Promise.reject(new Error('rules of this host are removed as root')),
    }))
}

function leftInBroker({ trove }: Host, id: string, mayRun: (patience: Patience) => Promise<boolean>): Search {
  return async (patience) => {
    if (typeof trove === 'string') throw new Error(trove)
    if (trove.transportUrl === undefined) throw new Error(`${trove.path} has no transport_url`)
    const targets = brokerTargets(trove.transportUrl, trove.tls)
    if (typeof targets === 'string') throw new Error(targets)
    return await leftInRabbitmq(targets, id, () => mayRun(patienceOf()).catch(() => true))(patience)
  }
}

/** As `trovestrap forget` does. @returns whether there was a record of it on this host, and why nobody could look */
export async function forgetRecord(id: string, command: Command): Promise<{ forgotten: boolean; why?: string }> {
  const { settings, settingsFile, client } = hostOf(command.optsWithGlobals<{ config?: string }>().config, {})
  if (settings === undefined) return { forgotten: false, ...(settingsFile === undefined ? {} : { why: String(client) }) }
  if (!isThere(stateFolder(settings.state).database)) return { forgotten: false }
  try {
    return { forgotten: await withStore(command, (store) => store.instances.forget(id, new Date())) }
  } catch (error) {
    if (!(error instanceof CliError)) throw error
    return { forgotten: false, why: error.message.split('\n')[0]! }
  }
}
