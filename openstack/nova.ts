// Nova's API, so far as one looks at a server with it.
import { Type } from 'typebox'
import { answerOf, Maybe } from './answer-of.ts'
import type { Cloud, CloudCall } from './cloud.ts'
import type { Answer, Patience } from './http/ask.ts'

const Words = Maybe(Type.String())
const Whole = Maybe(Type.Number())

const NovaServer = Type.Object({
  id: Type.String(),
  name: Words,
  status: Type.String(),
  created: Words,
  config_drive: Words,
  'OS-EXT-STS:task_state': Words,
  'OS-EXT-STS:power_state': Whole,
  /** For an admin alone. */
  'OS-EXT-SRV-ATTR:host': Words,
  fault: Maybe(Type.Object({ code: Whole, message: Type.String() })),
  addresses: Maybe(Type.Record(Type.String(), Type.Array(Type.Object({ addr: Type.String(), 'OS-EXT-IPS:type': Words })))),
  flavor: Maybe(Type.Object({ original_name: Words, ram: Whole, disk: Whole })),
  metadata: Maybe(Type.Record(Type.String(), Type.String())),
  /** An empty text where the server boots from a volume. */
  image: Maybe(Type.Union([Type.Object({ id: Type.String() }), Type.String()])),
})
export type NovaServer = Type.Static<typeof NovaServer>

/** 2.47 puts the flavor's size into the server; nothing newer is read. */
const NEEDED = '2.47'

/** Servers of a page at most. */
const PAGE = 1000

/** @throws CloudError, with status 404 when this project may see no such server */
export async function server(cloud: Cloud, id: string, patience: Patience): Promise<NovaServer> {
  const body = await read(cloud, { service: 'compute', path: `/servers/${encodeURIComponent(id)}` }, patience)
  return answerOf(Type.Object({ server: NovaServer }), body, 'Nova').server
}

/**
 * Of a page, newest first.
 * @param everybody servers of all projects; for an admin alone
 * @param name exactly this one, where it is known
 */
export async function servers(cloud: Cloud, { name, everybody }: { name?: string | undefined; everybody: boolean }, patience: Patience): Promise<NovaServer[]> {
  const query = new URLSearchParams({ limit: String(PAGE) })
  if (everybody) query.set('all_tenants', '1')
  if (name !== undefined) query.set('name', `^${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`) // Nova takes a regular expression
  const body = await read(cloud, { service: 'compute', path: `/servers/detail?${query}` }, patience)
  return answerOf(Type.Object({ servers: Type.Array(NovaServer) }), body, 'Nova').servers
}

/** What the server wrote on its serial console; the end of it. @param lines at most @throws CloudError */
export async function consoleOutput(cloud: Cloud, id: string, lines: number, patience: Patience): Promise<string> {
  const call = { service: 'compute', path: `/servers/${encodeURIComponent(id)}/action`, json: { 'os-getConsoleOutput': { length: lines } } } as const
  return answerOf(Type.Object({ output: Maybe(Type.String()) }), await read(cloud, call, patience), 'Nova').output ?? ''
}

/** Begins it. @throws CloudError, with status 404 when there is none */
export async function deleteServer(cloud: Cloud, id: string, patience: Patience): Promise<void> {
  await cloud.read({ service: 'compute', method: 'DELETE', path: `/servers/${encodeURIComponent(id)}` }, patience)
}

/** With the microversion we need, or the newest that an older Nova has. */
async function read(cloud: Cloud, call: CloudCall, patience: Patience): Promise<unknown> {
  const wanted = versioned(call, NEEDED)
  const answer = await cloud.call(wanted, patience)
  if (answer.status !== 406) return succeeded(cloud, wanted, answer)
  const { version } = answerOf(Type.Object({ version: Type.Object({ version: Type.String() }) }), await cloud.read({ service: 'compute', path: '/' }, patience), 'Nova')
  return await cloud.read(version.version === '' ? call : versioned(call, version.version), patience)
}

function versioned(call: CloudCall, version: string): CloudCall {
  // The second is how Nova was told before 2.27.
  return { ...call, headers: { 'openstack-api-version': `compute ${version}`, 'x-openstack-nova-api-version': version } }
}

function succeeded(cloud: Cloud, call: CloudCall, answer: Answer): unknown {
  if (answer.status >= 200 && answer.status < 300) return answer.body
  throw cloud.refusal(call, answer)
}
