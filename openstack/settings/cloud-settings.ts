import type { Secret } from '../../contract/secret.ts'

/** The services that are asked, by their type in the catalogue. */
export const SERVICES = { identity: 'Keystone', database: 'Trove', compute: 'Nova', network: 'Neutron', image: 'Glance', volumev3: 'Cinder' } as const
export type ServiceType = keyof typeof SERVICES

export type Interface = 'public' | 'internal' | 'admin'

/** A user or project; a name is unique in its domain only. */
export type Named = { readonly id: string } | { readonly name: string; readonly domain: Domain }
export type Domain = { readonly id: string } | { readonly name: string }

export type Login =
  | { readonly kind: 'password'; readonly user: Named; readonly password: Secret; readonly project?: Named }
  | { readonly kind: 'application-credential'; readonly credential: { readonly id: string } | { readonly name: string; readonly user: Named }; readonly secret: Secret }
  | { readonly kind: 'token'; readonly token: Secret; readonly project?: Named }

/** One cloud and how to log in there. */
export interface CloudSettings {
  /** Of clouds.yaml; absent with OS_* variables. */
  readonly name?: string
  /** The file, or `OS_* variables`. */
  readonly from: string
  /** Ends in `/v3`. */
  readonly authUrl: string
  readonly login: Login
  readonly region?: string
  readonly interface: Interface
  readonly caFile?: string
  /** `false` where the certificate is not looked at. */
  readonly verify: boolean
  /** Addresses that stand in place of the catalogue's. */
  readonly endpoints: Readonly<Partial<Record<ServiceType, string>>>
}

export function secretOf(login: Login): Secret {
  return login.kind === 'password' ? login.password : login.kind === 'token' ? login.token : login.secret
}
