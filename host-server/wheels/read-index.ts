import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { readRequiresPython } from './read-metadata.ts'
import { parseDistribution } from './wheel-name.ts'

export interface WheelFile {
  /** Name of the file, with which it is asked for. */
  readonly file: string
  /** Where it lies. */
  readonly path: string
  /** Normalised as in PEP 503. */
  readonly project: string
  readonly version: string
  readonly size: number
  readonly sha256: string
  readonly requiresPython?: string
  /** Milliseconds since 1970: a file with the same size and time is not read again. */
  readonly modified: number
}

export interface WheelIndex {
  /** By normalised name, files in order of their names. */
  readonly projects: ReadonlyMap<string, readonly WheelFile[]>
  /** By exact name: what is not in here is not served, so no name is ever made into a path. */
  readonly files: ReadonlyMap<string, WheelFile>
  /** What lies in the folder and is not served, and why. */
  readonly skipped: readonly { readonly file: string; readonly reason: string }[]
}

/** The folder of wheels cannot be read. */
export class WheelsError extends Error {
  override readonly name = 'WheelsError'
}

/**
 * @param folder of *.whl and sdists; undefined: an empty index. Not looked into deeper, and links are not followed
 * @param previous its digests are kept for files that did not change
 * @throws WheelsError
 */
export async function readWheelIndex(folder: string | undefined, previous?: WheelIndex): Promise<WheelIndex> {
  const files = new Map<string, WheelFile>()
  const skipped: { file: string; reason: string }[] = []
  for (const file of folder === undefined ? [] : await names(folder)) {
    const distribution = parseDistribution(file)
    if (!distribution) {
      if (/\.(whl|tar\.gz|zip)$/.test(file)) skipped.push({ file, reason: 'expected NAME-VERSION-PYTHON-ABI-PLATFORM.whl or NAME-VERSION.tar.gz' })
      continue
    }
    try {
      files.set(file, await describe(join(folder!, file), file, distribution, previous?.files.get(file)))
    } catch (error) {
      skipped.push({ file, reason: (error as Error).message })
    }
  }
  const projects = new Map<string, WheelFile[]>()
  for (const one of files.values()) projects.set(one.project, [...(projects.get(one.project) ?? []), one])
  return { projects, files, skipped }
}

async function names(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort()
  } catch (error) {
    throw new WheelsError(`expected a folder of wheels at python.wheels ${folder}, got ${(error as NodeJS.ErrnoException).code}; make it, or remove the key`, { cause: error })
  }
}

async function describe(path: string, file: string, distribution: { project: string; version: string }, known?: WheelFile): Promise<WheelFile> {
  const stat = await lstat(path)
  if (!stat.isFile()) throw new Error('expected a file, got a link or a folder')
  if (known && known.path === path && known.size === stat.size && known.modified === stat.mtimeMs) return known
  const requires = file.endsWith('.whl') ? await readRequiresPython(path) : undefined
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return { file, path, ...distribution, size: stat.size, modified: stat.mtimeMs, sha256: hash.digest('hex'), ...(requires === undefined ? {} : { requiresPython: requires }) }
}
