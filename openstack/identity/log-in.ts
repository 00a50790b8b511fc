import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { scrub } from '../../contract/scrub.ts'
import { Secret } from '../../contract/secret.ts'
import { CloudError } from '../cloud-error.ts'
import { ask, type Answer, type Patience } from '../http/ask.ts'
import { said } from '../http/said.ts'
import type { Trust } from '../http/trust.ts'
import { secretOf, type CloudSettings } from '../settings/cloud-settings.ts'
import { loginBody, whoLogsIn } from './login-body.ts'

const Catalogue = Type.Array(
  Type.Object({
    type: Type.String(),
    endpoints: Type.Array(Type.Object({ interface: Type.String(), region: Type.Optional(Type.Union([Type.String(), Type.Null()])), url: Type.String() })),
  }),
)
export type Catalogue = Type.Static<typeof Catalogue>

const TokenAnswer = Type.Object({
  token: Type.Object({
    expires_at: Type.Optional(Type.String()),
    catalog: Type.Optional(Catalogue),
    project: Type.Optional(Type.Object({ id: Type.String(), name: Type.Optional(Type.String()) })),
    roles: Type.Optional(Type.Array(Type.Object({ name: Type.String() }))),
  }),
})

/** Somebody who is logged in. */
export interface Session {
  readonly token: Secret
  readonly catalogue: Catalogue
  /** The project's name, or its id. */
  readonly project: string
  readonly projectId: string
  /** Keystone's clock, milliseconds since 1970; infinite where it does not say. */
  readonly expires: number
  /** Whether what this project may not see is seen all the same: 404 then means that there is none. */
  readonly admin: boolean
}

/** Keystone v3. @throws CloudError: what was refused, and what to type to see it without us */
export async function logIn(settings: CloudSettings, trust: Trust, patience: Patience): Promise<Session> {
  const url = `${settings.authUrl}/auth/tokens`
  const answer = await ask({ service: 'Keystone', method: 'POST', url, headers: {}, json: loginBody(settings.login), trust }, patience)
  const token = answer.headers['x-subject-token']
  if (answer.status !== 201 || typeof token !== 'string' || !Value.Check(TokenAnswer, answer.body)) throw refused(settings, answer)
  const { catalog = [], project, roles = [], expires_at } = answer.body.token
  if (project === undefined) throw new CloudError(`the login of ${whoLogsIn(settings.login)} at Keystone ${settings.authUrl} is for no project: project_name in clouds.yaml, or OS_PROJECT_NAME, says which`)
  return { token: new Secret(token), expires: Date.parse(expires_at ?? '') || Number.POSITIVE_INFINITY, catalogue: catalog, project: project.name ?? project.id, projectId: project.id, admin: roles.some(({ name }) => name === 'admin') }
}

function refused({ name, from, login, authUrl }: CloudSettings, answer: Answer): CloudError {
  const { status } = answer
  const why = scrub(said(answer), [secretOf(login).reveal()])
  const type = `openstack ${name === undefined ? '' : `--os-cloud ${name} `}token issue`
  if (status === 401 || status === 403) return new CloudError(`Keystone ${authUrl} refuses ${whoLogsIn(login)} of ${from} (${status}: ${why}); the same with: ${type}`, { status })
  if (status === 201) return new CloudError(`what answers at ${authUrl} is not Keystone v3: its answer has no token; compare with: ${type}`, { status })
  return new CloudError(`Keystone ${authUrl} answers the login with ${status}: ${why}; the same with: ${type}`, { status })
}
