// Keystone, Trove, Nova and Neutron as one HTTP server of this process: it answers what the real ones answered, and remembers what it was asked.
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import type { Test } from 'tap'
import { Secret } from '../../contract/secret.ts'
import { Cloud } from '../../openstack/cloud.ts'
import type { CloudSettings } from '../../openstack/settings/cloud-settings.ts'

export const PROJECT = '0d1c8f5b1c6a4b0f9a3e2d7c6b5a4938'
export const PASSWORD = 'pa55-canary-word'

export interface Asked {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: unknown
}

export type Answering = (request: FastifyRequest, reply: FastifyReply) => unknown

export interface StandIn {
  readonly url: string
  readonly asked: Asked[]
  readonly cloud: Cloud
  readonly settings: CloudSettings
  /** Tokens that were handed out: token-1, token-2 … */
  readonly logins: () => number
}

/**
 * @param routes by `GET /v1.0/…`, without the query; everything else is 404 in Nova's form
 * @param roles of who logs in
 */
export async function standInCloud(t: Test, routes: Readonly<Record<string, Answering>>, { roles = ['admin'], settings = {} }: { roles?: string[]; settings?: Partial<CloudSettings> } = {}): Promise<StandIn> {
  const asked: Asked[] = []
  let logins = 0
  const app = Fastify({ forceCloseConnections: true })
  app.all('/*', async (request, reply) => {
    asked.push({ method: request.method, url: request.url, headers: request.headers, body: request.body })
    const route = `${request.method} ${request.url.split('?')[0]}`
    const answer = routes[route]
    if (answer) return await answer(request, reply)
    if (route === 'POST /identity/v3/auth/tokens') {
      logins += 1
      return await reply.code(201).header('x-subject-token', `token-${logins}`).send(tokenAnswer(url, roles))
    }
    return await reply.code(404).send({ itemNotFound: { code: 404, message: 'The resource could not be found.' } })
  })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(() => app.close())
  const whole: CloudSettings = {
    name: 'lab',
    from: 'clouds.yaml',
    authUrl: `${url}/identity/v3`,
    login: { kind: 'password', user: { name: 'admin', domain: { id: 'default' } }, password: new Secret(PASSWORD), project: { name: 'admin', domain: { id: 'default' } } },
    interface: 'public',
    verify: true,
    endpoints: {},
    ...settings,
  }
  return { url, asked, settings: whole, cloud: new Cloud(whole), logins: () => logins }
}

/** As Keystone 22 answers, with the catalogue of a devstack. */
function tokenAnswer(url: string, roles: readonly string[]): object {
  const service = (type: string, name: string, address: string): object => ({
    type,
    id: `id-of-${name}`,
    name,
    endpoints: ['public', 'internal', 'admin'].map((face) => ({ id: `${name}-${face}`, interface: face, region_id: 'RegionOne', url: address, region: 'RegionOne' })),
  })
  return {
    token: {
      methods: ['password'],
      user: { domain: { id: 'default', name: 'Default' }, id: 'u1', name: 'admin', password_expires_at: null },
      audit_ids: ['x'],
      expires_at: '2026-11-25T11:00:00.000000Z',
      issued_at: '2026-11-25T10:00:00.000000Z',
      project: { domain: { id: 'default', name: 'Default' }, id: PROJECT, name: 'admin' },
      is_domain: false,
      roles: roles.map((name) => ({ id: `r-${name}`, name })),
      catalog: [service('database', 'trove', `${url}/v1.0/${PROJECT}`), service('compute', 'nova', `${url}/compute/v2.1`), service('network', 'neutron', `${url}/networking`), service('image', 'glance', `${url}/image`), service('volumev3', 'cinder', `${url}/volume/v3/${PROJECT}`), { type: 'identity', id: 'k', name: 'keystone', endpoints: [] }],
    },
  }
}

/** Waits as long as a test may. */
export function patience(milliseconds = 5_000): { signal: AbortSignal; until: number } {
  return { signal: AbortSignal.timeout(milliseconds), until: Date.now() + milliseconds }
}
