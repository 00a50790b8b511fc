import { Secret } from '../contract/secret.ts'
import type { Collector } from '../diagnosis/collect/collector.ts'
import { ownAddresses } from '../diagnosis/collect/machine/own-addresses.ts'
import type { Source } from '../diagnosis/evidence.ts'
import { guestsAccess } from '../diagnosis/doctor/guests-access.ts'
import { CloudError } from '../openstack/cloud-error.ts'
import type { Cloud } from '../openstack/cloud.ts'
import type { Host } from './diagnose-host.ts'
import type { Sources } from './diagnose-sources.ts'

export interface DoctorOptions {
  readonly guests?: string
  readonly address?: string
  readonly troveConf?: string
  readonly rabbitmqLog?: string
  readonly osCloud?: string
}

const GUEST_CONFIG = '/etc/trove/trove-guestagent.conf'
const LOOPBACK = '127.0.0.1'

/** Where doctor is going to look, and where not and why. @param wanted by the checks that were chosen */
export async function hostSources(host: Host, options: DoctorOptions, wanted: ReadonlySet<Source>): Promise<Sources> {
  const aliases = aliasesOf(host, options)
  const cloud = await cloudOf(options)
  const access = await guestsAccess(host.guestConfig ?? injected(host) ?? GUEST_CONFIG, host.settings?.guest_config, aliases)
  const choices: Partial<Record<Source, () => Promise<Collector | string>>> = {
    machine: async () => {
      const { machineCollector } = await import('../diagnosis/collect/machine.ts')
      const { settingsFile, guestConfig, troveConf } = host
      const { guests, address } = options
      return machineCollector({ ...(settingsFile === undefined ? {} : { settingsFile }), ...(guestConfig === undefined ? {} : { guestConfig }), troveConf, aliases, wholeHost: { ...(guests === undefined ? {} : { guests }), ...(address === undefined ? {} : { address }) } })
    },
    broker: () => broker(host, access),
    broker_log: async () => (await import('../diagnosis/collect/broker-log.ts')).brokerLogCollector(options.rabbitmqLog === undefined ? {} : { paths: [options.rabbitmqLog], units: [] }),
    trove: async () => (typeof cloud === 'string' ? cloud : (await import('../diagnosis/collect/whole-cloud/trove-offer.ts')).troveOfferCollector(cloud)),
    nova: async () => (typeof cloud === 'string' ? cloud : (await import('../diagnosis/collect/whole-cloud/nova-ready.ts')).novaReadyCollector(cloud)),
    neutron: async () => (typeof cloud === 'string' ? cloud : (await import('../diagnosis/collect/whole-cloud/neutron-ready.ts')).neutronReadyCollector(cloud)),
  }
  // Nova and Neutron are asked for the project that trove.conf names, which stands in what is seen of this host.
  const asked = (Object.keys(choices) as Source[]).filter((source) => wanted.has(source) || (source === 'machine' && (wanted.has('nova') || wanted.has('neutron'))))
  const chosen = await Promise.all(asked.map(async (source) => [source, await choices[source]!()] as const))
  const { knownSecrets } = await import('../diagnosis/collect/machine/known-secrets.ts')
  return {
    collectors: chosen.flatMap(([, one]) => (typeof one === 'string' ? [] : [one])),
    left_out: Object.fromEntries(chosen.filter(([, one]) => typeof one === 'string')),
    cloud: typeof cloud === 'string' ? undefined : cloud,
    database: undefined,
    secrets: [...knownSecrets({ troveConf: host.troveConf, guestConfig: host.guestConfig }), ...(typeof access === 'string' ? [] : access.access.hosts.map(({ password }) => password.reveal()))],
  }
}

/** An address that no interface has is a NAT's: what arrives there arrives at this host all the same. */
function aliasesOf({ aliases }: Host, { address }: DoctorOptions): Record<string, string> {
  return { ...aliases, ...(address === undefined || ownAddresses().includes(address) ? {} : { [address]: LOOPBACK }) }
}

/** What Trove injects is what guests have where there is no host-server. */
function injected({ trove }: Host): string | undefined {
  return typeof trove === 'string' ? undefined : trove.guestConfig
}

/** With trove.conf's transport_url; where that cannot be read, queues are asked for as a guest, who may see them too. */
async function broker({ trove }: Host, access: Awaited<ReturnType<typeof guestsAccess>>): Promise<Collector | string> {
  const { brokerCollector } = await import('../diagnosis/collect/broker.ts')
  const guests = typeof access === 'string' ? {} : { guests: access.access }
  if (typeof trove !== 'string' && trove.transportUrl instanceof Secret) {
    const { transportUrl, tls, exchange } = trove
    return brokerCollector({ transportUrl, ...(tls === undefined ? {} : { tls }), ...(exchange === undefined ? {} : { exchange }), ...guests })
  }
  const why = typeof trove === 'string' ? trove : `${trove.path} has no transport_url`
  return typeof access === 'string' ? `${why}; ${access}` : brokerCollector({ transportUrl: access.url, ...(access.access.tls === undefined ? {} : { tls: access.access.tls }), ...guests })
}

async function cloudOf({ osCloud }: DoctorOptions): Promise<Cloud | string> {
  const { findCloud } = await import('../openstack/settings/find-cloud.ts')
  try {
    const settings = findCloud(osCloud)
    return settings === undefined ? 'no clouds.yaml, and no OS_AUTH_URL' : new (await import('../openstack/cloud.ts')).Cloud(settings)
  } catch (error) {
    if (error instanceof CloudError) return error.message
    throw error
  }
}
