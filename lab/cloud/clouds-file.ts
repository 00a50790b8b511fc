import { writeFile } from 'node:fs/promises'
import { stringify } from 'yaml'
import { AUTH_URL, REGION, type Account } from './accounts.ts'

/** How a person logs in: to the project that has their name. */
export interface Person {
  readonly cloud: string
  readonly account: Account
}

/** A clouds.yaml, as every OpenStack client reads it, 0600. */
export async function writeCloudsFile(path: string, people: readonly Person[]): Promise<void> {
  const clouds = Object.fromEntries(people.map(({ cloud, account }) => [cloud, entry(account)]))
  await writeFile(path, stringify({ clouds }), { mode: 0o600 })
}

function entry({ name, password }: Account): object {
  return {
    auth: { auth_url: AUTH_URL, username: name, password: password.reveal(), project_name: name, user_domain_name: 'Default', project_domain_name: 'Default' },
    region_name: REGION,
    identity_api_version: 3,
  }
}
