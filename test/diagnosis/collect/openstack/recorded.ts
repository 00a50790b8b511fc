// What Keystone 22, Trove 18, Nova 26 and Neutron 21 answered about one instance whose agent never came: recorded, with other ids and names.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CollectContext, Collector } from '../../../../diagnosis/collect/collector.ts'
import type { Evidence, Source } from '../../../../diagnosis/evidence.ts'
import { PROJECT, type Answering } from '../../../openstack/stand-in-cloud.ts'
import { INSTANCE } from '../context.ts'

type Recorded = 'managed' | 'page' | 'server' | 'version' | 'tooNew' | 'ports' | 'rules' | 'networks' | 'subnets' | 'noInstance' | 'noServer'

export const SERVER = 'e185b181-495c-4516-9c29-2de4d5b3a108'
export const TROVE = `/v1.0/${PROJECT}`
export const NOVA = '/compute/v2.1'
export const NEUTRON = '/networking/v2.0'

/** A copy that a test may change. */
export function recorded(name: Recorded): Record<string, Record<string, unknown>> {
  return (JSON.parse(readFileSync(join(import.meta.dirname, 'answers.json'), 'utf8')) as Record<Recorded, Record<string, Record<string, unknown>>>)[name]
}

/** All that an admin is told. */
export const ADMIN: Readonly<Record<string, Answering>> = {
  [`GET ${TROVE}/mgmt/instances/${INSTANCE}`]: () => recorded('managed'),
  [`GET ${NOVA}/servers/${SERVER}`]: () => recorded('server'),
  [`GET ${NEUTRON}/ports`]: () => recorded('ports'),
  [`GET ${NEUTRON}/security-group-rules`]: () => recorded('rules'),
  [`GET ${NEUTRON}/networks`]: () => recorded('networks'),
  [`GET ${NEUTRON}/subnets`]: () => recorded('subnets'),
}

/** A collector among others, which see this. */
export async function lookBeside<S extends Source>(collector: Collector<S>, others: Partial<Evidence> = {}, name?: string): Promise<{ seen: NonNullable<Evidence[S]>; partly: string[] }> {
  const partly: string[] = []
  const context: CollectContext = { signal: AbortSignal.timeout(collector.deadline), seenBy: async (source) => others[source], partly: (why) => void partly.push(why) }
  return { seen: await collector.collect({ instance: INSTANCE, ...(name === undefined ? {} : { name }) }, context), partly }
}

export const TROVE_SEEN: Partial<Evidence> = { trove: { from: 'api', instance: { name: 'e2e', compute_instance_id: SERVER } } }
