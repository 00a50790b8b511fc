import type { Diagnosis } from '../diagnosis/diagnosis.ts'
import { duration } from '../diagnosis/duration.ts'
import { printable } from '../diagnosis/printable.ts'
import { follow, type End } from '../instances/follow/follow.ts'
import { looker } from '../instances/follow/look.ts'
import type { Sight } from '../instances/follow/sight.ts'
import type { Met } from '../instances/greeting/greet.ts'
import { greetInstance } from '../instances/greeting/greet-instance.ts'
import { protocolOf } from '../instances/greeting/protocol-of.ts'
import type { Cloud } from '../openstack/cloud.ts'
import type { TroveInstance } from '../openstack/trove.ts'
import { EXITS } from './diagnose.ts'
import { hostOf } from './diagnose-host.ts'
import { diagnoseOne } from './diagnose-one.ts'
import { CliError, EXIT } from './exit.ts'
import type { LaunchOptions } from './launch-options.ts'
import { sightRows } from './launch-view.ts'
import { liveRows } from './live-rows.ts'

/** Milliseconds. */
const PERIOD = 2_000
/** Milliseconds without any change after which somebody looks why: a slow boot, or a container image that is fetched, takes less. */
const STILL = 4 * 60_000
/** Milliseconds in which the database of an instance that is ready has to greet. */
const GREETS = 60_000

interface Wait {
  readonly cloud: Cloud
  readonly instance: TroveInstance
  readonly options: LaunchOptions
  /** Configuration file by --config. */
  readonly named: string | undefined
}

export interface Waited {
  readonly instance: TroveInstance
  readonly end: End
  readonly sight: Sight | undefined
  /** What came of each address, where the instance is ready; a text where nobody could be asked. */
  readonly met?: readonly Met[] | string
  readonly diagnosis?: Diagnosis
  readonly explained?: string
}

/** Watches an instance, and hears its database or why it does not come up. */
export async function waitForInstance({ cloud, instance, options, named }: Wait): Promise<Waited> {
  const { client } = hostOf(named, options)
  const stop = new AbortController()
  const interrupt = (): void => stop.abort()
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
  const rows = liveRows(process.stderr)
  let found: Explained | undefined
  try {
    const { end, sight } = await follow({
      ...{ period: PERIOD, still: STILL, until: Date.now() + options.timeout * 1000, signal: stop.signal },
      look: looker(cloud, instance.id, async (id) => (typeof client === 'string' ? undefined : (await client.instance(id)).reports.map(({ report }) => report))),
      onSight: (seen) => rows.show(sightRows(seen)),
      onSilence: ({ message }) => rows.show([{ key: 'trove', text: `⠼ Trove                  ${message}` }]),
      async onStill() {
        rows.say(`nothing has moved for ${duration(STILL / 1000)}: looking why`)
        found = await explain(instance, named, options, cloud)
        return found.diagnosis?.verdict === 'cause'
      },
    })
    rows.end()
    if (end === 'ready') return { instance, end, sight, met: await greetings(instance, sight!, stop.signal) }
    if (end === 'failed' || end === 'late') found = await explain(instance, named, options, cloud)
    return { instance, end, sight, ...(found?.diagnosis === undefined ? {} : { diagnosis: found.diagnosis }), ...(found === undefined ? {} : { explained: found.text }) }
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
  }
}

/** Without a diagnosis where it could not be made, and why. */
interface Explained {
  readonly diagnosis?: Diagnosis
  readonly text: string
}

async function explain({ id }: TroveInstance, named: string | undefined, { url, troveConf }: LaunchOptions, cloud: Cloud): Promise<Explained> {
  try {
    return await diagnoseOne(id, named, { ...(url === undefined ? {} : { url }), ...(troveConf === undefined ? {} : { troveConf }) }, performance.now(), cloud)
  } catch (error) {
    if (error instanceof CliError) return { text: `no diagnosis: ${error.message}\n` }
    throw error
  }
}

async function greetings({ datastore }: TroveInstance, { addresses }: Sight, signal: AbortSignal): Promise<readonly Met[] | string> {
  const protocol = protocolOf(datastore?.type ?? '')
  if (protocol === undefined) return `how ${datastore?.type ?? 'this datastore'} greets is not known here`
  if (addresses.length === 0) return 'Trove shows no address of it'
  return await greetInstance(addresses, protocol, Date.now() + GREETS, signal)
}

/** The exit code. A database that is there and does not greet is a failure; one to which no way leads from here is not. */
export function launchOutcome({ end, met, diagnosis }: Waited): number {
  if (end === 'ready') return typeof met === 'object' && met.some((one) => 'greeting' in one || one.reachable) && greeted(met) === undefined ? EXIT.failed : EXIT.well
  if (end === 'gone' || end === 'interrupted' || diagnosis === undefined) return EXIT.failed
  return EXITS[diagnosis.verdict] === EXIT.well ? EXIT.undecided : EXITS[diagnosis.verdict]
}

export function outcomeJson({ instance, end, sight, met, diagnosis }: Waited): object {
  const who = greeted(met)
  return {
    ...{ id: instance.id, name: instance.name, end, status: sight?.trove?.status, operating_status: sight?.trove?.operating, addresses: sight?.addresses ?? [] },
    ...(who === undefined ? {} : { greeting: { product: who.greeting.product, address: who.address, port: who.port } }),
    ...(end === 'ready' && who === undefined ? { not_greeted: typeof met === 'string' ? met : met?.map((one) => tried(one)) } : {}),
    ...(diagnosis === undefined ? {} : { diagnosis }),
  }
}

export function outcomeText({ instance, end, sight, met, explained }: Waited): string {
  const name = printable(instance.name ?? instance.id)
  const who = greeted(met)
  const ends: Record<End, () => string> = {
    ready: () => (who === undefined ? unheard(name, met) : `${name} is ready: ${printable(who.greeting.product)} greets at ${who.address}:${who.port}\n`),
    failed: () => `${name} failed: ${printable(sight?.trove?.fault ?? sight?.trove?.status ?? '')}\n`,
    gone: () => `${name} (${instance.id}) is gone: somebody deleted it.\n`,
    stuck: () => `${name} does not come up.\n`,
    late: () => `${name} is not ready in the time that was given (--timeout); it is left as it is.\n`,
    interrupted: () => `${name} (${instance.id}) goes on being made; the same command again goes on watching it.\n`,
  }
  return `${ends[end]()}${explained === undefined ? '' : `\n${explained}`}`
}

function unheard(name: string, met: Waited['met']): string {
  if (typeof met !== 'object') return `${name} is ready, says Trove. Whether its database answers is not checked: ${met ?? 'nobody was asked'}.\n`
  const all = met.map((one) => tried(one)).join('; ')
  const away = met.every((one) => !('greeting' in one) && !one.reachable)
  if (!away) return `${name} is ready, says Trove, and its database does not greet: ${all}\n`
  return `${name} is ready, says Trove. Whether its database answers is not checked, no address of it can be reached from this host: ${all}\n  trovestrap expose ${name}      gives it an address that can be\n`
}

function tried(met: Met): string {
  return `${met.address}:${met.port} ${printable('greeting' in met ? (met.greeting.refuses ?? 'greets') : met.why)}`
}

function greeted(met: Waited['met']): Extract<Met, { greeting: unknown }> | undefined {
  return typeof met !== 'object' ? undefined : met.find((one) => 'greeting' in one && one.greeting.refuses === undefined) as Extract<Met, { greeting: unknown }> | undefined
}
