import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { explainAccess } from './settings/explain-access.ts'
import { explainForm } from './settings/explain-form.ts'
import { parseYaml } from './settings/parse-yaml.ts'
import { resolvePaths } from './settings/resolve-paths.ts'
import { SettingsError, type SettingsFault } from './settings/settings-error.ts'
import { SettingsForm } from './settings/form.ts'
import { parseDuration } from './settings/duration.ts'
import { unreadablePaths } from './settings/unreadable-paths.ts'

export { SettingsError, type SettingsFault } from './settings/settings-error.ts'

/** config.yaml with every default filled in, paths absolute and durations in seconds. */
export interface Settings {
  readonly listen: { readonly address: string; readonly port: number }
  /** Names and addresses by which guests reach this host; at least one. */
  readonly names: readonly string[]
  /** Folder of all that host-server keeps. */
  readonly state: string
  readonly source: {
    readonly path: string
    readonly exclude: readonly string[]
    readonly git_ignored: boolean
    readonly version?: string
  }
  readonly guest_config: {
    readonly path: string
    readonly trove_conf: string
    readonly overrides: Readonly<Record<string, Readonly<Record<string, string>>>>
    readonly service_credentials: boolean
  }
  readonly python: {
    readonly wheels?: string
    readonly requirements: readonly string[]
    readonly constraints?: string
  }
  /** The cloud that is asked about new instances; absent where nobody is. */
  readonly openstack?: { readonly cloud?: string; readonly clouds_file?: string; readonly from_environment: boolean }
  /** Seconds. `records`: see store/store.ts, Instances.removeOld. */
  readonly lifetimes: { readonly token: number; readonly credential: number; readonly certificate: number; readonly records: number }
  readonly log: { readonly level: LogLevel }
}
export type SourceSettings = Settings['source']
export type GuestConfigSettings = Settings['guest_config']
export type OpenStackSettings = NonNullable<Settings['openstack']>
export type PythonSettings = Settings['python']
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'

export interface LoadOptions {
  /** Whether what the file points at must be readable too. `init` and `token` do without. */
  readonly paths?: boolean
}

/**
 * Reads and checks the configuration file whole.
 * @param file relative paths in it count from its folder
 * @throws SettingsError with every fault, not the first alone
 */
export function loadSettings(file: string, options: LoadOptions = {}): Settings {
  const { value, faults } = parseYaml(read(file))
  if (faults.length > 0) throw new SettingsError(file, faults)
  const given = SettingsForm.fill(value)
  const found: SettingsFault[] = explainForm(given)
  const faulty = new Set(found.map((fault) => fault.key))
  const resolved = resolvePaths(given, dirname(file))
  if (options.paths && !faulty.has('file')) found.push(...unreadablePaths(resolved).filter((fault) => !faulty.has(fault.key)))
  if (found.length > 0) throw new SettingsError(file, found)
  return inSeconds(resolved as SettingsForm)
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new SettingsError(file, [{ key: 'file', problem: explainAccess(file, error) }], { cause: error })
  }
}

function inSeconds(form: SettingsForm): Settings {
  const { lifetimes, guest_config, ...rest } = form
  return {
    ...rest,
    guest_config: { ...guest_config, overrides: asText(guest_config.overrides) },
    lifetimes: {
      token: parseDuration(lifetimes.token)!,
      credential: parseDuration(lifetimes.credential)!,
      certificate: parseDuration(lifetimes.certificate)!,
      records: parseDuration(lifetimes.records)!,
    },
  }
}

function asText(overrides: SettingsForm['guest_config']['overrides']): Settings['guest_config']['overrides'] {
  const text = (options: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(options).map(([key, value]) => [key, String(value)]))
  return Object.fromEntries(Object.entries(overrides).map(([section, options]) => [section, text(options)]))
}
