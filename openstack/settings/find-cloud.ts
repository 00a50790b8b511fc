import { homedir } from 'node:os'
import { CloudError } from '../cloud-error.ts'
import type { CloudSettings } from './cloud-settings.ts'
import { places, readCloudsFile, type CloudsFile, type Surroundings } from './clouds-file.ts'
import { cloudOfEnvironment } from './environment.ts'
import { isSection, readCloud, type Section } from './read-cloud.ts'

/** As this process sees it. */
export function here(): Surroundings {
  return { env: process.env, cwd: process.cwd(), home: homedir() }
}

/**
 * The cloud that the openstack client would take: of that name, of $OS_CLOUD, of the OS_* variables, or the only one in clouds.yaml.
 * @param name a cloud in clouds.yaml
 * @returns undefined when nothing here speaks of a cloud
 * @throws CloudError when something does, and it cannot be understood
 */
export function findCloud(name?: string, around: Surroundings = here()): CloudSettings | undefined {
  const { env } = around
  const wanted = name ?? (env['OS_CLOUD'] || undefined)
  if (wanted === undefined && env['OS_AUTH_URL']) return readCloud(cloudOfEnvironment(env), undefined, 'OS_* variables')
  const file = readCloudsFile(around)
  if (wanted !== undefined) return named(file ?? missing(wanted, around), wanted, env)
  const names = Object.keys(file?.clouds ?? {})
  if (file === undefined || names.length === 0) return undefined
  if (names.length > 1) throw new CloudError(`${file.path} has ${names.length} clouds: export OS_CLOUD=${names.slice(0, 10).join(' or ')}`)
  return named(file, names[0]!, env)
}

function named(file: CloudsFile, name: string, env: NodeJS.ProcessEnv): CloudSettings {
  const section = Object.hasOwn(file.clouds, name) ? file.clouds[name] : undefined
  if (section === undefined) throw new CloudError(`${file.path} has no cloud ${JSON.stringify(name)}; it has ${Object.keys(file.clouds).slice(0, 10).join(', ') || 'none'}`)
  return readCloud(completed(section, cloudOfEnvironment(env)), name, file.path)
}

/** Region and interface of the environment win, as in the openstack client; a password that the file leaves out may come from there. */
function completed(section: Section, env: Section): Section {
  const { region_name = section['region_name'], interface: face = section['interface'], auth } = env
  const password = isSection(auth) ? auth['password'] : undefined
  return { ...section, region_name, interface: face, auth: { ...(password === undefined ? {} : { password }), ...(isSection(section['auth']) ? section['auth'] : {}) } }
}

function missing(wanted: string, around: Surroundings): never {
  throw new CloudError(`cloud ${JSON.stringify(wanted)} is asked for and there is no clouds.yaml (looked for ${places(around, 'clouds', around.env['OS_CLIENT_CONFIG_FILE']).filter((place) => place.endsWith('.yaml')).join(', ')})`)
}
