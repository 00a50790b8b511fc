import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Secret } from '../../contract/secret.ts'
import { run } from '../run.ts'
import type { Service } from '../service.ts'
import { AUTH_URL, databaseUrl, REGION, type Account } from './accounts.ts'
import { HOST } from './network.ts'
import { environment, manage, writeConf, wsgiProgram } from './openstack-program.ts'
import { osloConf } from './oslo-conf.ts'
import { PORTS } from './ports.ts'

const REGISTER = join(import.meta.dirname, 'python', 'register.py')

/** Needs its tables. @param admin password of the user admin, who has the role admin in the project admin */
export async function startKeystone(dir: string, own: Account, admin: Secret): Promise<Service> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const config = await writeConf(join(dir, 'keystone.conf'), keystoneConf(dir, own))
  for (const repository of ['fernet-keys', 'credential-keys']) await writeKeys(join(dir, repository))
  const urls = ['public', 'internal', 'admin'].flatMap((face) => [`--bootstrap-${face}-url`, AUTH_URL])
  await manage(['/usr/bin/python3', '/usr/bin/keystone-manage', '--config-file', config, 'bootstrap', '--bootstrap-region-id', REGION, ...urls], dir, { OS_BOOTSTRAP_PASSWORD: admin.reveal() })
  const serving = wsgiProgram({
    name: 'keystone',
    dir,
    script: '/usr/bin/keystone-wsgi-public',
    env: { OS_KEYSTONE_CONFIG_FILES: config },
    address: HOST,
    port: PORTS.keystone,
    processes: 2,
  })
  await serving.start()
  return serving
}

export function keystoneConf(dir: string, own: Account): string {
  return osloConf({
    database: { connection: databaseUrl(own) },
    token: { provider: 'fernet' },
    fernet_tokens: { key_repository: join(dir, 'fernet-keys') },
    credential: { key_repository: join(dir, 'credential-keys') },
    // a hash that takes a quarter of a second, at each login, protects nobody here
    identity: { password_hash_rounds: 4 },
    cache: { enabled: true, backend: 'dogpile.cache.memory' },
  })
}

/** As `keystone-manage fernet_setup` lays them, which takes a second and a half: 0 is the staged key, 1 the primary one. */
async function writeKeys(repository: string): Promise<void> {
  await mkdir(repository, { mode: 0o700 })
  for (const name of ['0', '1']) await writeFile(join(repository, name), randomBytes(32).toString('base64').replaceAll('+', '-').replaceAll('/', '_'), { mode: 0o600 })
}

/** What is in Keystone beyond its own bootstrap. */
export interface Registration {
  /** With the role admin in the project service. */
  readonly services: readonly Account[]
  /** With the role member in a project of the same name. */
  readonly people: readonly Account[]
  readonly endpoints: readonly { readonly type: string; readonly name: string; readonly url: string }[]
}

/** All in one Python process: a call of the openstack client costs two seconds. */
export async function register(dir: string, admin: Secret, { services, people, endpoints }: Registration): Promise<void> {
  const revealed = (accounts: readonly Account[]) => accounts.map(({ name, password }) => ({ name, password: password.reveal() }))
  const wanted = { auth_url: AUTH_URL, region: REGION, admin: admin.reveal(), services: revealed(services), people: revealed(people), endpoints }
  await run(['/usr/bin/python3', REGISTER], { env: environment(dir), input: JSON.stringify(wanted), timeoutMs: 120_000 })
}
