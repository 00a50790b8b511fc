import { readFile } from 'node:fs/promises'
import type { Manifest } from '../../contract/manifest.ts'
import type { PythonSettings } from '../settings.ts'
import { SnapshotError } from './snapshot-error.ts'
import type { TreeFiles } from './tree-files.ts'

const LONGEST = 1000

/**
 * What the guest's pip is given. A tree without requirements.txt (a distribution's package) brings none:
 * its egg-info/requires.txt is left alone, because the distribution's own packages meet it.
 * @throws SnapshotError when a line is an option, or the configured constraints cannot be read
 */
export async function pythonNeeds(files: TreeFiles, python: PythonSettings): Promise<Manifest['python']> {
  const requirements = [...lines(files.get('requirements.txt'), 'requirements.txt'), ...python.requirements]
  const constraints =
    python.constraints === undefined
      ? lines(files.get('upper-constraints.txt'), 'upper-constraints.txt')
      : lines(await read(python.constraints), python.constraints)
  if (requirements.length > 2000) throw new SnapshotError('requirements', `expected at most 2000 requirements, got ${requirements.length}`)
  if (constraints.length > 20_000) throw new SnapshotError('requirements', `expected at most 20000 constraints, got ${constraints.length}`)
  return { requires: pythonRequires(files).slice(0, 200), requirements: [...new Set(requirements)], constraints }
}

function pythonRequires(files: TreeFiles): string {
  const [, setup] = /^\s*python[-_]requires\s*[=:]\s*(.*?)\s*$/m.exec(files.get('setup.cfg') ?? '') ?? []
  const [, , project] = /^\s*requires-python\s*=\s*(["'])(.*?)\1/m.exec(files.get('pyproject.toml') ?? '') ?? []
  return setup ?? project ?? header(files.packageInfo(), 'Requires-Python') ?? ''
}

/** A header of PKG-INFO; the description below the empty line is not looked at. */
export function header(text: string | undefined, name: string): string | undefined {
  const head = text?.replace(/\r\n/g, '\n').split('\n\n')[0] ?? ''
  return new RegExp(`^${name}:[ \\t]*(\\S.*?)[ \\t]*$`, 'm').exec(head)?.[1]
}

/** Comments and continuations as in pip's req_file.py. */
function lines(text: string | undefined, name: string): string[] {
  const joined = (text ?? '').replace(/\r\n?/g, '\n').replace(/\\\n/g, '')
  const found = joined
    .split('\n')
    .map((line) => line.replace(/(^|\s+)#.*$/, '').trim())
    .filter((line) => line !== '')
  const option = found.find((line) => line.startsWith('-'))
  if (option !== undefined) {
    throw new SnapshotError('requirements', `expected one package a line in ${name}, got the option ${option.split(/[\s=]/)[0]}, which means nothing in a guest; write the packages out`)
  }
  if (found.some((line) => line.length > LONGEST)) throw new SnapshotError('requirements', `a line of ${name} is longer than ${LONGEST} characters`)
  return found
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new SnapshotError('requirements', `python.constraints ${file} cannot be read (${(error as NodeJS.ErrnoException).code})`, { cause: error })
  }
}
