import type { Got, RequestError } from 'got'
import type { Secret } from '../../../contract/secret.ts'
import { NotInside, type Inside, type QueueInside } from './inside.ts'

/** RabbitMQ's management plugin. */
export interface Management {
  /** `http://host:15672`, without `/api`. */
  readonly url: string
  /** Needs the tag administrator: users and permissions are told to nobody else. */
  readonly user: string
  readonly password: Secret
  /** PEM; the system's authorities without it. */
  readonly ca?: string
}

const TIMEOUT_MS = 2500
const VHOSTS = 50

interface Connection {
  readonly user?: string
  readonly vhost?: string
  readonly peer_host?: string
  readonly state?: string
  readonly client_properties?: { readonly connection_name?: unknown }
}
interface Binding {
  readonly source: string
  readonly destination: string
  readonly routing_key: string
}

/** @throws NotInside */
export async function askManagement(queues: readonly string[], management: Management, signal: AbortSignal): Promise<Inside> {
  const api = await apiOf(management, signal)
  try {
    const [vhosts, users, permissions, nodes, connections] = await Promise.all([
      api.get('vhosts?columns=name').json<{ name: string }[]>(),
      api.get('users?columns=name').json<{ name: string }[]>(),
      api.get('permissions').json<{ user: string; vhost: string; configure: string; write: string; read: string }[]>(),
      api.get('nodes?columns=mem_alarm,disk_free_alarm').json<{ mem_alarm?: boolean; disk_free_alarm?: boolean }[]>(),
      api.get('connections?columns=user,vhost,peer_host,state,client_properties').json<Connection[]>(),
    ])
    const places = vhosts.slice(0, VHOSTS).flatMap(({ name: vhost }) => queues.map((queue) => ({ vhost, queue, path: `queues/${encodeURIComponent(vhost)}/${encodeURIComponent(queue)}` })))
    const found = (await Promise.all(places.map(({ path }) => ifThere(api.get(path).json<QueueInside>())))).map((queue) => queue ?? [])
    const own = places.filter(({ queue }) => queue === queues[0])
    const bindings = (await Promise.all(own.map(({ path }) => ifThere(api.get(`${path}/bindings`).json<Binding[]>())))).flatMap((list) => list ?? [])
    const all = found.flat().map(({ vhost, name, messages = 0, consumers = 0, durable, type, state }) => ({
      ...{ vhost, name, messages, consumers },
      ...(durable === undefined ? {} : { durable }),
      ...(type === undefined ? {} : { type }),
      ...(state === undefined ? {} : { state }),
    }))
    return {
      from: 'management',
      queues: all,
      seen: {
        from: 'management',
        vhosts: vhosts.map(({ name }) => name),
        users: users.map(({ name }) => name),
        permissions: permissions.map(({ vhost, user, configure, write, read }) => ({ vhost, user, configure, write, read })),
        alarms: [...(nodes.some((node) => node.disk_free_alarm) ? ['disk'] : []), ...(nodes.some((node) => node.mem_alarm) ? ['memory'] : [])],
        connections: connections.map(connectionSeen),
        bindings: bindings.slice(0, 100).map(({ source, destination, routing_key }) => ({ source, destination, key: routing_key })),
        everywhere: all.filter(({ name }) => name === queues[0]).map(({ vhost, messages, consumers }) => ({ vhost, messages, consumers })),
      },
    }
  } catch (error) {
    throw new NotInside(`management API at ${management.url}: ${reason(error as RequestError)}`, { cause: error })
  }
}

/** got costs a good part of a second to load, so only who has a management API pays for it. */
async function apiOf({ url, user, password, ca }: Management, signal: AbortSignal): Promise<Got> {
  const { default: got } = await import('got')
  return got.extend({
    prefixUrl: `${url.replace(/\/$/, '')}/api`,
    username: user,
    password: password.reveal(),
    ...(ca === undefined ? {} : { https: { certificateAuthority: ca } }),
    timeout: { request: TIMEOUT_MS },
    retry: { limit: 0 },
    followRedirect: false,
    signal,
  })
}

async function ifThere<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if ((error as RequestError).response?.statusCode === 404) return undefined
    throw error
  }
}

function connectionSeen({ user = '', vhost = '', peer_host = '', state = '', client_properties }: Connection): Inside['seen']['connections'][number] {
  const name = client_properties?.connection_name
  return { user, vhost, peer: peer_host, state, ...(typeof name === 'string' ? { name } : {}) }
}

function reason({ code, message, response }: RequestError): string {
  if (response?.statusCode === 401) return 'it refuses the user or the password'
  if (response?.statusCode === 403) return 'the user lacks the tag administrator'
  if (response) return `it answered ${response.statusCode}`
  return code === 'ECONNREFUSED' ? 'connection refused' : message
}
