import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { LineCounter, parseDocument } from 'yaml'
import { CloudError } from '../cloud-error.ts'
import { isSection, type Section } from './read-cloud.ts'

export interface Surroundings {
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
  readonly home: string
}

export interface CloudsFile {
  readonly path: string
  readonly clouds: Readonly<Record<string, Section>>
}

/** The first clouds.yaml of the usual places, completed by the first secure.yaml. @throws CloudError when one cannot be read */
export function readCloudsFile(around: Surroundings): CloudsFile | undefined {
  const file = firstOf(places(around, 'clouds', around.env['OS_CLIENT_CONFIG_FILE']))
  if (file === undefined) return undefined
  const secure = firstOf(places(around, 'secure', around.env['OS_CLIENT_SECURE_FILE']))
  return { path: file.path, clouds: Object.fromEntries(Object.entries(file.clouds).map(([name, cloud]) => [name, merged(cloud, secure?.clouds[name] ?? {})])) }
}

/** As openstacksdk looks for them. */
export function places({ cwd, home }: Surroundings, name: 'clouds' | 'secure', named?: string): string[] {
  const folders = [cwd, join(home, '.config/openstack'), '/etc/openstack']
  return [...(named ? [named] : []), ...folders.flatMap((folder) => ['yaml', 'yml', 'json'].map((ending) => join(folder, `${name}.${ending}`)))]
}

function firstOf(paths: readonly string[]): CloudsFile | undefined {
  for (const path of paths) {
    const text = read(path)
    if (text !== undefined) return { path, clouds: parse(text, path) }
  }
  return undefined
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw new CloudError(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code}`, { cause: error })
  }
}

/** YAML's own errors quote the line, and the line may be a password: place and kind are enough. */
function parse(text: string, path: string): Readonly<Record<string, Section>> {
  const lineCounter = new LineCounter()
  const document = parsed(text, path, lineCounter)
  const fault = document.errors[0]
  if (fault) throw new CloudError(`${path} line ${lineCounter.linePos(fault.pos[0]).line} is not YAML (${fault.code})`)
  const root = plain(document, path)
  const clouds = isSection(root) ? root['clouds'] : undefined
  if (!isSection(clouds)) throw new CloudError(`${path} has no "clouds:" with clouds below it`)
  return Object.fromEntries(Object.entries(clouds).map(([name, cloud]) => [name, isSection(cloud) ? cloud : {}]))
}

function parsed(text: string, path: string, lineCounter: LineCounter): ReturnType<typeof parseDocument> {
  try {
    return parseDocument(text, { version: '1.1', prettyErrors: false, logLevel: 'error', lineCounter }) // 1.1 is what the openstack client reads
  } catch (error) {
    throw new CloudError(`${path} is not YAML that can be read: it is nested too deeply`, { cause: error })
  }
}

function plain(document: ReturnType<typeof parseDocument>, path: string): unknown {
  try {
    return document.toJS()
  } catch (error) {
    throw new CloudError(`${path} is not YAML that can be read: an alias in it leads nowhere, or to too much`, { cause: error })
  }
}

function merged(below: Section, above: Section): Section {
  const result: Record<string, unknown> = { ...below }
  for (const [key, value] of Object.entries(above)) {
    const old = result[key]
    result[key] = isSection(old) && isSection(value) ? merged(old, value) : value
  }
  return result
}
