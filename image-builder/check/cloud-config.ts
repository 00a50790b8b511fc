import { parse } from 'yaml'
import { readText, realPath, type Tree } from '../tree.ts'

/** What cloud-init is told by its own files; user data comes on top of it in the guest. */
export interface CloudConfig {
  /** undefined when none is given: cloud-init then tries all that it knows. */
  readonly datasources?: readonly string[] | undefined
  /** Whom cloud-init makes at the first boot. */
  readonly defaultUser?: string | undefined
  readonly modules: readonly string[]
  readonly growpartOff: boolean
}

type Mapping = Readonly<Record<string, unknown>>
/** Bytes of all files together, far above what any image has; reading YAML is slow. */
const AT_MOST = 2 ** 18

/** cloud.cfg, then cloud.cfg.d in the order of names; the later says it. Mappings are merged, lists replaced, as cloud-init does it. */
export async function readCloudConfig(tree: Tree): Promise<CloudConfig> {
  const folder = await realPath(tree, '/etc/cloud/cloud.cfg.d')
  const names = folder === undefined ? [] : (await tree.list(folder)).filter((name) => name.endsWith('.cfg'))
  let merged: Mapping = {}
  let left = AT_MOST
  for (const path of ['/etc/cloud/cloud.cfg', ...names.map((name) => `/etc/cloud/cloud.cfg.d/${name}`)]) {
    const text = (await readText(tree, path, left + 1)) ?? ''
    left -= text.length
    if (left < 0) break
    merged = merge(merged, parsed(text) ?? {})
  }
  const defaultUser = at(at(merged, 'system_info'), 'default_user')
  const name = at(defaultUser, 'name')
  const mode = at(at(merged, 'growpart'), 'mode')
  const datasources = merged['datasource_list']
  return {
    datasources: Array.isArray(datasources) ? datasources.map(String) : undefined,
    defaultUser: typeof name === 'string' && makesDefault(merged) ? name : undefined,
    modules: ['cloud_init_modules', 'cloud_config_modules', 'cloud_final_modules'].flatMap((stage) => moduleNames(merged[stage])),
    growpartOff: mode === 'off' || mode === false,
  }
}

/** cloud-init passes over a file that is no mapping in YAML. What the reader says of its errors is quadratic where it is to be pretty. */
function parsed(text: string): Mapping | undefined {
  try {
    const value: unknown = parse(text, { maxAliasCount: 100, logLevel: 'error', prettyErrors: false }) ?? {}
    return isMapping(value) ? value : undefined
  } catch {
    return undefined
  }
}

function merge(one: Mapping, other: Mapping): Mapping {
  const both = Object.entries(other).map(([key, value]) => {
    const old = Object.hasOwn(one, key) ? one[key] : undefined
    return [key, isMapping(old) && isMapping(value) ? merge(old, value) : value] as const
  })
  return { ...one, ...Object.fromEntries(both) }
}

/** `users` that leaves `default` out means: do not make him. */
function makesDefault({ users }: Mapping): boolean {
  return !Array.isArray(users) || users.includes('default')
}

/** `write-files` and `[scripts-user, always]` alike, in the newer spelling. */
function moduleNames(stage: unknown): string[] {
  if (!Array.isArray(stage)) return []
  return stage.map((entry: unknown) => String(Array.isArray(entry) ? entry[0] : entry).replaceAll('-', '_'))
}

const isMapping = (value: unknown): value is Mapping => value !== null && typeof value === 'object' && !Array.isArray(value)
const at = (value: unknown, key: string): unknown => (isMapping(value) && Object.hasOwn(value, key) ? value[key] : undefined)
