import { Secret } from '../../contract/secret.ts'
import { HOST } from './network.ts'
import type { Options } from './oslo-conf.ts'
import { PORTS } from './ports.ts'

/** A user of MariaDB and, where it is a service that is asked, of Keystone. */
export interface Account {
  readonly name: string
  readonly password: Secret
}

export function account(name: string): Account {
  return { name, password: Secret.random() }
}

export const REGION = 'RegionOne'
export const AUTH_URL = `http://${HOST}:${PORTS.keystone}/v3`

/** How a service logs in to Keystone. */
export function login({ name, password }: Account): Options {
  return {
    auth_url: AUTH_URL,
    auth_type: 'password',
    project_domain_name: 'Default',
    user_domain_name: 'Default',
    project_name: 'service',
    username: name,
    password: password.reveal(),
    region_name: REGION,
  }
}

/** How a service asks Keystone who it is that asks it. */
export function tokenCheck(account: Account): Options {
  return { www_authenticate_uri: AUTH_URL, ...login(account) }
}

/** At MariaDB's usual port. @param database by default named as its user */
export function databaseUrl({ name, password }: Account, database = name): string {
  return `mysql+pymysql://${name}:${password.reveal()}@127.0.0.1/${database}?charset=utf8`
}
