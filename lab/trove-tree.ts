import { readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { cached } from './cache.ts'
import { candidateVersion, unpackPackage } from './debian-package.ts'
import { digestOf } from './recipe-digest.ts'
import { removeTree } from './remove-tree.ts'
import type { Tell } from './tell.ts'

const PACKAGE = 'python3-trove'
const MODULES = join('usr', 'lib', 'python3', 'dist-packages')

/** Trove as Debian ships it: a folder with `trove/` and its `trove-18.0.0.egg-info/`, the files of the package and no others. */
export async function troveTree(tell: Tell): Promise<string> {
  const digest = digestOf(PACKAGE, await candidateVersion(PACKAGE))
  return cached({ kind: 'trove-tree', digest, build: (folder) => build(folder, tell) }, tell)
}

async function build(folder: string, tell: Tell): Promise<void> {
  tell(`downloading ${PACKAGE}`)
  const work = join(folder, 'work')
  const modules = join(await unpackPackage(PACKAGE, work), MODULES)
  for (const entry of await readdir(modules)) await rename(join(modules, entry), join(folder, entry))
  await removeTree(work)
}
