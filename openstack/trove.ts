// Trove's API, so far as one looks at an instance with it (trove/instance/views.py, trove/extensions/mgmt/instances/views.py).
import { Type } from 'typebox'
import { answerOf, Maybe } from './answer-of.ts'
import type { Cloud } from './cloud.ts'
import type { Patience } from './http/ask.ts'

const Words = Maybe(Type.String())

export const TroveInstance = Type.Object({
  id: Type.String(),
  name: Words,
  status: Words,
  operating_status: Words,
  /** Absent until the server is known. */
  addresses: Maybe(Type.Array(Type.Object({ address: Type.String(), type: Words, network: Words }))),
  created: Words,
  updated: Words,
  datastore: Maybe(Type.Object({ type: Words, version: Words })),
  /** GiB. */
  volume: Maybe(Type.Object({ size: Maybe(Type.Number()) })),
  /** Without `details` for everybody but an admin. */
  fault: Maybe(Type.Object({ message: Words, created: Words, details: Words })),
  service_status_updated: Words,
  /** For an admin alone, from here on. */
  tenant_id: Words,
  server_id: Words,
  encrypted_rpc_messaging: Maybe(Type.Boolean()),
  server: Maybe(Type.Object({ id: Words })),
  service_status: Words,
  task_description: Words,
  deleted: Maybe(Type.Boolean()),
  guest_status: Maybe(Type.Object({ state_description: Words })),
})
export type TroveInstance = Type.Static<typeof TroveInstance>

const One = Type.Object({ instance: TroveInstance })
const Several = Type.Object({ instances: Type.Array(TroveInstance), links: Maybe(Type.Array(Type.Object({ rel: Type.String(), href: Type.String() }))) })

/** Pages that are turned at most; Trove gives 20 instances each, unless `instances_page_size` says otherwise. */
const PAGES = 500

/**
 * As an operator sees it. Unless the instance is building, Trove asks its agent for the disk's usage first: 15 s where there is none.
 * @throws CloudError, with status 404 when there is no such instance, 401 or 403 for who is no admin
 */
export async function managedInstance(cloud: Cloud, id: string, patience: Patience): Promise<TroveInstance> {
  return answerOf(One, await cloud.read({ service: 'database', path: `/mgmt/instances/${encodeURIComponent(id)}` }, patience), 'Trove').instance
}

/** All of all projects, also the deleted, for which Trove asks no agent; without the guest's own word. @throws as `managedInstance` */
export async function managedInstances(cloud: Cloud, patience: Patience): Promise<TroveInstance[]> {
  return await list(cloud, '/mgmt/instances?include_clustered=true', patience)
}

/**
 * Whether an instance was there and is deleted now. Trove keeps the rows of deleted instances; of an instance that it never had it knows
 * nothing (undefined), and so does the Trove of another region. May take 15 s, see above.
 * @throws CloudError, with status 401 or 403 for who is no admin
 */
export async function wasDeleted(cloud: Cloud, id: string, patience: Patience): Promise<boolean | undefined> {
  const call = { service: 'database', path: `/mgmt/instances/${encodeURIComponent(id)}?deleted=true` } as const
  const answer = await cloud.call(call, patience)
  if (answer.status === 404) return undefined
  if (answer.status !== 200) throw cloud.refusal(call, answer)
  const { instance } = answerOf(One, answer.body, 'Trove')
  return instance.id === id ? (instance.deleted ?? undefined) : undefined
}

/** Ids of all instances of all projects that are not deleted. @throws as `managedInstance` */
export async function liveInstances(cloud: Cloud, patience: Patience): Promise<Set<string>> {
  const all = await list(cloud, '/mgmt/instances?include_clustered=true&deleted=false', patience)
  return new Set(all.filter(({ deleted }) => deleted !== true).map(({ id }) => id))
}

/**
 * As its project sees it: a page of one, which begins after what is just before the id. GET /instances/{id} would ask the agent first, see above.
 * @returns undefined where this project has no such instance
 */
export async function ownInstance(cloud: Cloud, id: string, patience: Patience): Promise<TroveInstance | undefined> {
  const before = encodeURIComponent(id.slice(0, -1))
  return (await list(cloud, `/instances/detail?limit=1&include_clustered=true&marker=${before}`, patience)).find((instance) => instance.id === id)
}

/** All that are not deleted of the project that is logged in; no agent is asked. @throws CloudError */
export async function ownInstances(cloud: Cloud, patience: Patience): Promise<TroveInstance[]> {
  const all: TroveInstance[] = []
  let marker: string | undefined
  for (let page = 0; page < PAGES; page++) {
    const query = new URLSearchParams({ include_clustered: 'true', ...(marker === undefined ? {} : { marker }) })
    const { instances, links } = answerOf(Several, await cloud.read({ service: 'database', path: `/instances/detail?${query}` }, patience), 'Trove')
    all.push(...instances)
    // The page is ordered by date and the pages by id: only the link knows where the next one begins. Its scheme and host may be wrong behind a proxy.
    marker = URL.parse(links?.find(({ rel }) => rel === 'next')?.href ?? '')?.searchParams.get('marker') ?? undefined
    if (marker === undefined) break
  }
  return all
}

async function list(cloud: Cloud, path: string, patience: Patience): Promise<TroveInstance[]> {
  return answerOf(Several, await cloud.read({ service: 'database', path }, patience), 'Trove').instances
}
