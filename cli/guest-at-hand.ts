import type { Command } from 'commander'
import type { HostKey } from '../contract/host-key.ts'
import type { InstanceView } from '../contract/operator-view.ts'
import { findSettingsFile } from '../host-server/settings/find-file.ts'
import { findInstance } from '../instances/find-instance.ts'
import { placesOf, type Place } from '../instances/reach/places.ts'
import { Refusal } from '../instances/refusal.ts'
import { CloudError } from '../openstack/cloud-error.ts'
import { Cloud } from '../openstack/cloud.ts'
import { findCloud } from '../openstack/settings/find-cloud.ts'
import { CliError, EXIT } from './exit.ts'
import { operatorAccess } from './operator-access.ts'
import { OperatorClient } from './operator-client.ts'
import { patienceOf } from './patience.ts'
import type { ReachOptions } from './reach-options.ts'

/** What is known of a guest that one wants to log in to. */
export interface GuestAtHand {
  /** For people. */
  readonly name: string
  readonly id: string
  readonly places: readonly Place[]
  /** As the guest has reported them to host-server. */
  readonly hostKeys: readonly HostKey[]
  /** Its server's console can be read through the cloud. */
  readonly console?: { readonly cloud: Cloud; readonly server: string }
  /** What could not be asked, and why. */
  readonly unseen: readonly string[]
}

const WITHIN = 15_000

/**
 * Asks host-server and OpenStack, whichever of them knows the guest; one is enough.
 * @throws CliError where neither does
 */
export async function guestAtHand(words: string, options: ReachOptions, command: Command): Promise<GuestAtHand> {
  const inCloud = await tried(() => fromCloud(words, options))
  const id = inCloud.value?.instance.id
  const record = await tried(() => recordOf(operatorClient(options, command), id, words))
  if (inCloud.value === undefined && record.value === undefined) throw neither(inCloud.error ?? record.error, [inCloud.why, record.why])
  const { value: cloud } = inCloud
  const heard: Place[] = record.value === undefined ? [] : [{ address: record.value.address.replace(/^::ffff:/, '') }]
  const places = [...(cloud?.placed.places ?? []), ...heard]
  return {
    name: cloud?.instance.name ?? record.value?.name ?? words,
    id: id ?? record.value!.instance,
    places: places.filter(({ address }, at) => places.findIndex((one) => one.address === address) === at),
    hostKeys: record.value?.host_keys ?? [],
    ...(cloud?.placed.server === undefined ? {} : { console: { cloud: cloud.cloud, server: cloud.placed.server } }),
    unseen: [inCloud.why, record.why].filter((why) => why !== undefined),
  }
}

async function fromCloud(words: string, { osCloud }: ReachOptions) {
  const settings = findCloud(osCloud)
  if (settings === undefined) throw new CliError('OpenStack was not asked: no clouds.yaml, no OS_AUTH_URL', EXIT.usage)
  const cloud = new Cloud(settings)
  const patience = patienceOf(WITHIN)
  const instance = await findInstance(cloud, words, patience)
  return { cloud, instance, placed: await placesOf(cloud, instance, patience) }
}

function operatorClient({ url }: ReachOptions, command: Command): OperatorClient {
  const file = findSettingsFile(command.optsWithGlobals<{ config?: string }>().config)
  if (file === undefined) throw new CliError('host-server was not asked: there is no configuration file', EXIT.usage)
  return new OperatorClient(operatorAccess(file, url))
}

async function recordOf(client: OperatorClient, id: string | undefined, words: string): Promise<InstanceView> {
  return id === undefined ? await client.find(words) : await client.instance(id)
}

interface Tried<T> {
  readonly value?: T
  /** One line. */
  readonly why?: string
  readonly error?: CliError
}

function explained(error: unknown): CliError {
  if (error instanceof CliError) return error
  if (error instanceof Refusal) return new CliError(error.message, EXIT[error.kind], { cause: error })
  if (error instanceof CloudError) return new CliError(error.message, EXIT.failed, { cause: error })
  throw error
}

async function tried<T>(work: () => T | Promise<T>): Promise<Tried<T>> {
  try {
    return { value: await work() }
  } catch (error) {
    const told = explained(error)
    return { why: told.message.split('\n')[0]!, error: told }
  }
}

/** A name that fits two is the person's to mend; otherwise both are said. */
function neither(error: CliError | undefined, reasons: readonly (string | undefined)[]): CliError {
  if (error !== undefined && / fits \d+ instances/.test(error.message)) return error
  return new CliError(`nobody here knows that guest.\n${reasons.flatMap((why) => (why === undefined ? [] : [`  ${why}\n`])).join('')}  --os-cloud NAME, or --config FILE of the host-server that it enrolled with`, EXIT.failed, error === undefined ? undefined : { cause: error })
}
