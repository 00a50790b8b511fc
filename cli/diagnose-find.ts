import type { InstanceView } from '../contract/operator-view.ts'
import type { Secret } from '../contract/secret.ts'
import type { Target } from '../diagnosis/collect/collector.ts'
import type { Host } from './diagnose-host.ts'
import { CliError, EXIT } from './exit.ts'

const FULL = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
/** Milliseconds for all that is asked before collecting begins. */
const PATIENCE = 2500
const SHOWN = 5
/** Of `--all`. */
const MOST = 50

/**
 * Which instance is meant. A whole id is taken as it is; a name or the beginning of an id is looked for in host-server's record and in
 * Trove's database.
 * @throws CliError when it fits none or several
 */
export async function findTarget(text: string, host: Host, database: Secret | undefined): Promise<Target> {
  const id = text.toLowerCase()
  if (FULL.test(id)) return { instance: id }
  const [enrolled, rows] = await Promise.all([
    enrolledOf(host),
    ask(database, async (url, signal) => (await import('../diagnosis/collect/trove-database/find-instances.ts')).findInstances(url, text, SHOWN, signal)),
  ])
  const views = typeof enrolled === 'string' ? [] : enrolled.filter((view) => view.name === text || view.instance.startsWith(id))
  const fitting = merged(views, typeof rows === 'string' ? [] : rows)
  if (fitting.length === 1) return fitting[0]!
  if (fitting.length > 1) throw new CliError(`${text} fits ${fitting.length} instances: ${fitting.slice(0, SHOWN).map(({ instance }) => instance).join(', ')}.\n  Type more of the id.`)
  const unasked = [...(typeof enrolled === 'string' ? [`host-server's record: ${enrolled}`] : []), ...(typeof rows === 'string' ? [`Trove's database: ${rows}`] : [])]
  const why = unasked.length === 0 ? '' : ` (not asked: ${unasked.join('; ')})`
  throw new CliError(`no instance is called ${text}, or has an id that begins so${why}.\n  trovestrap diagnose with the whole id looks for it everywhere`, EXIT.failed)
}

/** Every instance that is enrolled and not ready, and every one that Trove is making. @throws CliError when neither could be asked */
export async function findStuck(host: Host, database: Secret | undefined): Promise<Target[]> {
  const [enrolled, rows] = await Promise.all([
    enrolledOf(host),
    ask(database, async (url, signal) => (await import('../diagnosis/collect/trove-database/find-instances.ts')).buildingInstances(url, MOST, signal)),
  ])
  if (typeof enrolled === 'string' && typeof rows === 'string') throw new CliError(`nobody could be asked which instances there are: host-server's record: ${enrolled}; Trove's database: ${rows}`, EXIT.failed)
  const waiting = typeof enrolled === 'string' ? [] : enrolled.filter(({ latest }) => latest?.stage !== 'ready' || latest.state === 'failed')
  return merged(waiting, typeof rows === 'string' ? [] : rows).slice(0, MOST)
}

/** Trove's name of an instance counts: a guest's host name may be cut. */
function merged(views: readonly InstanceView[], rows: readonly Target[]): Target[] {
  const all = new Map<string, Target>()
  for (const { instance, name } of [...views, ...rows]) all.set(instance, { instance, ...(name === undefined ? {} : { name }) })
  return [...all.values()].filter(({ instance }) => FULL.test(instance))
}

async function enrolledOf({ client }: Host): Promise<InstanceView[] | string> {
  if (typeof client === 'string') return client
  return await Promise.race([client.instances().then(({ instances }) => instances), late()]).catch((error: Error) => error.message.split('\n')[0]!)
}

async function ask<Answer>(database: Secret | undefined, look: (url: Secret, signal: AbortSignal) => Promise<Answer>): Promise<Answer | string> {
  if (database === undefined) return 'its address is not known'
  const signal = AbortSignal.timeout(PATIENCE)
  return await Promise.race([look(database, signal), late()]).catch((error: Error) => error.message)
}

async function late(): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>()
  setTimeout(() => reject(new Error(`no answer within ${PATIENCE / 1000} s`)), PATIENCE).unref()
  return await promise
}
