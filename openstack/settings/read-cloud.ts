// What a cloud's section of clouds.yaml says, in the words of openstacksdk; the OS_* variables come in the same form.
import { Secret } from '../../contract/secret.ts'
import { CloudError } from '../cloud-error.ts'
import { present } from '../present.ts'
import type { CloudSettings, Domain, Interface, Login, Named } from './cloud-settings.ts'

export type Section = Readonly<Record<string, unknown>>

/**
 * @param name of the cloud; undefined with OS_* variables
 * @param from where it stands, for messages
 * @throws CloudError that names what is missing, and never a value
 */
export function readCloud(section: Section, name: string | undefined, from: string): CloudSettings {
  const auth = isSection(section['auth']) ? section['auth'] : {}
  const where = name === undefined ? from : `cloud ${JSON.stringify(name)} in ${from}`
  const authUrl = text(auth, 'auth_url')
  if (authUrl === undefined) throw new CloudError(`${where} has no auth_url${section['profile'] === undefined ? '' : ' (profiles of vendors are not looked up)'}: write Keystone's address there`)
  return present({
    name,
    from,
    authUrl: version3(authUrl, where),
    login: readLogin(section, auth, where),
    region: text(section, 'region_name') ?? onlyRegion(section),
    interface: readInterface(text(section, 'interface') ?? text(section, 'endpoint_type'), where),
    caFile: text(section, 'cacert'),
    verify: !['false', 'no', '0'].includes((text(section, 'verify') ?? 'true').toLowerCase()) && text(section, 'insecure')?.toLowerCase() !== 'true',
    endpoints: present({
      database: text(section, 'database_endpoint_override'),
      compute: text(section, 'compute_endpoint_override'),
      network: text(section, 'network_endpoint_override'),
      image: text(section, 'image_endpoint_override'),
      volumev3: text(section, 'volumev3_endpoint_override'),
    }),
  })
}

function readLogin(section: Section, auth: Section, where: string): Login {
  const type = text(section, 'auth_type') ?? guessType(auth)
  const need = (key: string): string => text(auth, key) ?? fail(`${where} has no ${key}`)
  const project = readNamed(auth, 'project', text(auth, 'project_name') ?? text(auth, 'tenant_name'), text(auth, 'project_id') ?? text(auth, 'tenant_id'))
  switch (type) {
    case 'password':
    case 'v3password':
      return present({ kind: 'password' as const, user: readUser(auth) ?? fail(`${where} has no username`), password: new Secret(need('password')), project })
    case 'token':
    case 'v3token':
      return present({ kind: 'token' as const, token: new Secret(need('token')), project })
    case 'v3applicationcredential': {
      const id = text(auth, 'application_credential_id')
      const credential = id === undefined ? { name: need('application_credential_name'), user: readUser(auth) ?? fail(`${where} has no application_credential_id`) } : { id }
      return { kind: 'application-credential', credential, secret: new Secret(need('application_credential_secret')) }
    }
    default:
      return fail(`${where} wants auth_type ${JSON.stringify(type.slice(0, 60))}, and password, token and v3applicationcredential are understood. openstack application credential create trovestrap makes one of the last kind`)
  }
}

/** keystoneauth asks for the type; people leave it away. */
function guessType(auth: Section): string {
  if (text(auth, 'application_credential_secret') !== undefined) return 'v3applicationcredential'
  return text(auth, 'token') !== undefined && text(auth, 'password') === undefined ? 'token' : 'password'
}

function readUser(auth: Section): Named | undefined {
  return readNamed(auth, 'user', text(auth, 'username') ?? text(auth, 'user_name'), text(auth, 'user_id'))
}

function readNamed(auth: Section, what: 'user' | 'project', name: string | undefined, id: string | undefined): Named | undefined {
  if (id !== undefined) return { id }
  return name === undefined ? undefined : { name, domain: readDomain(auth, what) }
}

/** "default" is what the openstack client takes too, where nothing is said. */
function readDomain(auth: Section, what: 'user' | 'project'): Domain {
  for (const prefix of [`${what}_domain`, 'domain', 'default_domain']) {
    const id = text(auth, `${prefix}_id`)
    if (id !== undefined) return { id }
    const name = text(auth, `${prefix}_name`)
    if (name !== undefined) return { name }
  }
  return { id: 'default' }
}

/** Clouds of today answer at /v3 whatever the address ends in. */
function version3(authUrl: string, where: string): string {
  const url = URL.parse(authUrl)
  if (url === null || !/^https?:$/.test(url.protocol)) return fail(`auth_url of ${where} is no http(s) address`)
  return `${url.origin}${url.pathname.replace(/\/+$/, '').replace(/\/v(2\.0|3)$/, '')}/v3`
}

function readInterface(word: string | undefined, where: string): Interface {
  const plain = (word ?? 'public').replace(/URL$/, '')
  if (plain === 'public' || plain === 'internal' || plain === 'admin') return plain
  return fail(`${where} has interface ${JSON.stringify(plain.slice(0, 60))}: expected public, internal or admin`)
}

function onlyRegion(section: Section): string | undefined {
  const regions = section['regions']
  const first: unknown = Array.isArray(regions) && regions.length === 1 ? regions[0] : undefined
  return isSection(first) ? text(first, 'name') : typeof first === 'string' ? first : undefined
}

/** YAML makes numbers and booleans of passwords and ids that look so. */
function text(section: Section, key: string): string | undefined {
  const value = section[key]
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? (value === '' ? undefined : String(value)) : undefined
}

export function isSection(value: unknown): value is Section {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function fail(message: string): never {
  throw new CloudError(message)
}
