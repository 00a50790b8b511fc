import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cached } from './cache.ts'
import { candidateVersion, unpackPackage } from './debian-package.ts'
import { digestOf } from './recipe-digest.ts'
import { removeTree } from './remove-tree.ts'
import { run } from './run.ts'
import type { Tell } from './tell.ts'

const MAKE_WHEEL = join(import.meta.dirname, 'python', 'make_wheel.py')

/** What the base image lacks of Trove's requirements, so that a guest has something to install. */
const MISSING = { package: 'python3-passlib', name: 'passlib' }

/** A folder of wheels for host-server's index, made from Debian's own packages: it needs no PyPI. */
export async function wheels(tell: Tell): Promise<string> {
  const version = await candidateVersion(MISSING.package)
  const digest = digestOf(MISSING.package, version, await readFile(MAKE_WHEEL, 'utf8'))
  return cached({ kind: 'wheels', digest, build: (folder) => build(folder, version, tell) }, tell)
}

async function build(folder: string, version: string, tell: Tell): Promise<void> {
  tell(`making a wheel of ${MISSING.package}`)
  const work = join(folder, 'work')
  const modules = join(await unpackPackage(MISSING.package, work), 'usr', 'lib', 'python3', 'dist-packages')
  await run(['/usr/bin/python3', MAKE_WHEEL, modules, MISSING.name, upstream(version), folder])
  await removeTree(work)
}

/** `1:1.7.4-3` is upstream's 1.7.4. */
export function upstream(debian: string): string {
  return debian.replace(/^\d+:/, '').replace(/-[^-]*$/, '')
}
